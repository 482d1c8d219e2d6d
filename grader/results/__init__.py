"""Frozen values that are passed between rooms; it imports errors only."""

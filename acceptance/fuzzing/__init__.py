"""Damaged exports against the reading of exports."""

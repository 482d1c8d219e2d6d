"""Decisions about photos, which can be undone."""

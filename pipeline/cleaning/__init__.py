"""Checks that propose which photos to look at, and a quarantine that can be undone."""

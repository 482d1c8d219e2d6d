"""Damaged exports, to test the reading of exports."""

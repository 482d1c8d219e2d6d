"""Compares runs that differ in the value of a setting."""

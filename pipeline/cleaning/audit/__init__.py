"""Checks that propose; nothing is moved."""

"""Plots of a report, as files."""

"""Bytes of an export: read as data for an inspection, loaded as a `Classifier` for a grade."""

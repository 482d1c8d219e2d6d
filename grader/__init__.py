"""Exported .pkl files and a test folder in, a `GradeReport` out."""

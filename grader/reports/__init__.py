"""Renderers of a `GradeReport`. They draw and never calculate."""

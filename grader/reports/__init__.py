"""Renderers of one `GradeReport`. They draw and never calculate."""

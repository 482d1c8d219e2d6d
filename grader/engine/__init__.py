"""Classifiers and images to answers; the room that owns torch."""

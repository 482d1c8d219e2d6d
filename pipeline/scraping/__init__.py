"""Collecting photos from the web: class names in, class folders and their manifest out."""

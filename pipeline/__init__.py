"""Photos in class folders in, exported .pkl files out."""

"""The JSON document: its schema, how it is written and read, and whether it agrees with itself."""

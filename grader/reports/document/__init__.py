"""The JSON document: its schema, writing, reading and consistency checks."""

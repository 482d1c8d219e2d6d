"""The first stage on features that are computed once."""

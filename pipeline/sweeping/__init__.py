"""The same run with several values of a setting, compared."""

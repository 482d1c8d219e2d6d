"""Exports made anew in environments of their day, with what each environment answers."""

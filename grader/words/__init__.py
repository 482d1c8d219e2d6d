"""Turns values into sentences in the reader's language. Nothing is calculated here."""

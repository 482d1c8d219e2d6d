"""A whole run: split, train in two stages, export."""

"""Experiments behind the recipe `best`: cross-validated on train and val, never on test."""

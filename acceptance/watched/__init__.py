"""Processes that tell what they opened, imported and started."""

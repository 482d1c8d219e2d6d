"""Hostile exports on every command, with canaries set out."""

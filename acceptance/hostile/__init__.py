"""Hostile exports, tried on every command, with canaries set out."""

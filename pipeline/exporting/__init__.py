"""Turns a finished run into exports that can be handed in, checked and described."""

"""A finished run to exports that can be handed in, checked and described."""

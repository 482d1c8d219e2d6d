"""Finds what changed in timm and torchvision: by their sources, and by their answers."""

"""The engines that can be asked for photos, one file each."""

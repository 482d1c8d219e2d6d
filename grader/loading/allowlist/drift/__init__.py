"""What changed in torchvision and timm since an export was made, and how records follow it."""

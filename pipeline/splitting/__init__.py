"""Photos to train, val and test, without a photo in two of them."""

"""Photos divided into train, val and test, with no photo in two of them."""

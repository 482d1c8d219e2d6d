"""The review page: a person looks at photos in a browser and decides about them."""

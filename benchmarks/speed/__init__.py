"""How fast a grading is, beside what people write themselves, on the same exports and photos."""

"""Values into sentences, in the language of the reader. Nothing is calculated here."""

"""Tools that try the project on corpora, soaks and damaged files; nox sessions run them."""

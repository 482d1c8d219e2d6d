"""Parsing the answers of search engines: text in, candidates out; no browser and no network."""

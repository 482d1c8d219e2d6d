"""A small web of our own on the loopback: search engines, a consent page, and photo hosts."""

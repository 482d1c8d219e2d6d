"""2 READ: pickle opcodes to an inert graph, and how to query it. Calls nothing; no torch."""

"""2 READ: pickle opcodes to an inert graph, and how to ask it. Nothing is called; no torch."""

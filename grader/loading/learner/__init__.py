"""3 UNDERSTAND: kind, parts, vocab, module tree and foreign code of a learner. Imports no torch."""

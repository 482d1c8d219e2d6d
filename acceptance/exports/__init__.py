"""Real exports, graded and compared with their reference answers."""

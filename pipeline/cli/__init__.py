"""The command line: the only room that prints, reads arguments or picks an exit code."""

"""Timings of whole commands, to be run by hand on an idle machine; no test depends on them."""

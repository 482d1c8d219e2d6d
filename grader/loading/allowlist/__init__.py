"""4 DECIDE: what may be rebuilt, as tables and checks. Imports no torch."""

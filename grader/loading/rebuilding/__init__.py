"""5 MAKE: our own modules, filled with the export's numbers. Uses torch."""

"""5 MAKE: modules of our own, filled with the export's numbers. Here torch is used."""

"""4 DECIDE: what happens to a photo, as a frozen `Preprocessing`. Imports no torch."""

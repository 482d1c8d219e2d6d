"""The page and the view of a notebook, code beside its templates."""

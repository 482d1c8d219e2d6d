"""The HTML page and the notebook view: code beside its templates."""

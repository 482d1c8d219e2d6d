"""How hypothesis runs here: the same examples in every run, and no hurry on a busy machine."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

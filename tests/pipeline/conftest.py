"""Fixtures of the pipeline's tests."""

import warnings

with warnings.catch_warnings(action="ignore"):
    # fastai meets newer versions of torch and pandas with warnings as it is imported.
    import fastai.vision.learner  # noqa: F401 - imported for its place in sys.modules
import torch

# The networks of these tests are too small to share out among threads.
torch.set_num_threads(1)

"""Fixtures of the pipeline's tests."""

import warnings

with warnings.catch_warnings(action="ignore"):
    # With newer versions of torch and pandas, fastai raises warnings when it is imported.
    import fastai.vision.learner  # noqa: F401 - imported for its place in sys.modules
import pytest
import torch

from pipeline.running.run import TrainingRun, run
from pipeline.running.settings import RunSettings
from pipeline.splitting.settings import SplitSettings
from pipeline.training.settings import Device, TrainingSettings
from tests.pipeline.drawing import draw_classes, silent

# The networks of these tests are too small to be worth several threads.
torch.set_num_threads(1)

LITE0 = TrainingSettings(
    architecture="tf_efficientnet_lite0",
    image_size_px=64,
    n_epochs=1,
    n_fine_tune_epochs=1,
    device=Device.CPU,
)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    """A whole run on drawn images, from packaged weights."""
    root = tmp_path_factory.mktemp("run")
    images = draw_classes(root / "images", per_class=8)
    settings = RunSettings(spec=None, splitting=SplitSettings(seed=5), training=LITE0)
    with warnings.catch_warnings():
        # fastai uses the old name of a numpy module when it loads saved weights.
        warnings.filterwarnings("ignore", message="numpy.core", category=DeprecationWarning)
        return run(images, root / "run", settings, silent)

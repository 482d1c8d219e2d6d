"""Settings of whole runs."""

from pathlib import Path

from pipeline.running.settings import read_run_settings
from pipeline.splitting.settings import SplitMethod, SplitSettings
from tests.pipeline.running.test_run import SMALL


def test_a_specs_image_endings_hold_for_the_whole_run(tmp_path: Path) -> None:
    """Files that the spec doesn't count as images are neither split nor trained on."""
    spec = tmp_path / "spec.toml"
    spec.write_text(
        'name = "two"\nversion = "1.0.0"\n[layout]\nextensions = ["png"]\n'
        '[[classes]]\nlabel = "red"\nqueries = ["red"]\n'
        '[[classes]]\nlabel = "blue"\nqueries = ["blue"]\n'
        '[rubric]\ncriteria = [{ rule = "accuracy >= 0.5", points = 1 }]\n',
        "utf-8",
    )
    method = SplitMethod.STRICT_DOCUMENT
    settings = read_run_settings(str(spec), ratio=(0.6, 0.2, 0.2), method=method, training=SMALL)
    assert settings.splitting == SplitSettings(
        seed=5, ratio=(0.6, 0.2, 0.2), method=method, extensions=("png",)
    )

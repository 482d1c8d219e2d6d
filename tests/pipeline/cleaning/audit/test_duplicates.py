"""Pairs of images that show one photo."""

from pathlib import Path

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.cleaning.audit.duplicates import duplicate_findings
from pipeline.cleaning.audit.memory import Memory
from pipeline.cleaning.audit.photos import read_photos
from pipeline.folders import list_class_folders
from tests.pipeline.copying import smaller_copy
from tests.pipeline.drawing import draw_classes, silent


def test_the_better_copy_comes_first(tmp_path: Path) -> None:
    """It has more pixels, whichever name it has; the score is the share of bits that agree."""
    root = draw_classes(tmp_path, per_class=3)
    smaller_copy(root / "red" / "red 1.png", root / "red" / "a smaller one.png")
    photos = read_photos(
        list_class_folders(root, extensions=IMAGE_EXTENSIONS), Memory(None), silent
    )
    (found,) = duplicate_findings(photos)
    assert (found.kind, found.images) == (
        "near_duplicate",
        ("red/red 1.png", "red/a smaller one.png"),
    )
    n_bits = 64 * (1 - found.score)
    assert n_bits == int(n_bits) <= 8
    assert found.reason == f"the pictures look alike ({int(n_bits)} of 64 bits differ)"

"""What a pretrained network sees in photos."""

from pathlib import Path

import numpy as np

from pipeline.cleaning.audit.photo_features import photo_features
from tests.pipeline.drawing import draw_classes, silent


def test_each_photo_has_a_vector_in_its_place(tmp_path: Path) -> None:
    """Alone or among others, and the same each time."""
    paths = sorted(draw_classes(tmp_path, per_class=4).rglob("*.png"))
    features = np.stack([*photo_features(paths, silent)])
    assert features.shape == (12, 1280)
    alone = np.stack([*photo_features(paths[9:10], silent)])
    np.testing.assert_allclose(features[9:10], alone, rtol=1e-3, atol=1e-4)


def test_photos_that_look_alike_have_vectors_that_are_close(tmp_path: Path) -> None:
    """The nearest of each photo has its colour."""
    paths = sorted(draw_classes(tmp_path, per_class=4).rglob("*.png"))
    features = np.stack([*photo_features(paths, silent)])
    for position, path in enumerate(paths):
        distances = np.linalg.norm(features - features[position], axis=1)
        distances[position] = np.inf
        assert paths[int(distances.argmin())].parent == path.parent

"""Writes exports that the loading tests build."""

from pathlib import Path

import pytest

from tests.grader.loading.pictures import draw_pictures
from tests.grader.loading.reading import FLOATS, Write
from tests.hostile import pickle_of, torch_file


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes what one push leaves as a file of torch whose storage 0 holds four numbers."""

    def written(*pushed: bytes) -> Path:
        path = tmp_path / "export.pkl"
        path.write_bytes(torch_file(pickle_of(*pushed), {"0": FLOATS}))
        return path

    return written


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Pictures of noise in every mode and of odd sizes."""
    return draw_pictures(tmp_path_factory.mktemp("pictures") / "drawn")

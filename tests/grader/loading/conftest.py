"""Writes exports that the loading tests build."""

from pathlib import Path

import pytest

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

"""Photos under review, with and without a server."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.notebook import NotebookReview, review
from tests.pipeline.cleaning.review.drawn import draw_trees
from tests.pipeline.drawing import silent


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    """Four photos of each of three colours."""
    return draw_trees(tmp_path)


@pytest.fixture
def running(trees: Trees) -> Iterator[NotebookReview]:
    """Their review, served by this process."""
    found = review(trees.images, report=silent)
    with contextlib.closing(contextlib.ExitStack()) as stack:
        stack.callback(found.stop)
        yield found

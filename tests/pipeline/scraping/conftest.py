"""Fixtures of the scrape's tests."""

from collections.abc import Iterator

import pytest

from tests.pipeline.scraping.factories import FakeTime
from tests.pipeline.scraping.web.server import Web, serve
from tests.pipeline.scraping.web.world import photos

RESULTS = {
    "heron": photos("heron", 12),
    "griffon vulture": photos("griffon vulture", 6),
    "buitre leonado": photos("buitre leonado", 6),
}


@pytest.fixture
def web() -> Iterator[Web]:
    """A small web with honest photos of three queries."""
    with serve(dict(RESULTS)) as running:
        yield running


@pytest.fixture
def time() -> FakeTime:
    """A clock that never waits."""
    return FakeTime()

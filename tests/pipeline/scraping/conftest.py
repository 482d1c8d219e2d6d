"""Fixtures of the scrape's tests."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from pipeline.scraping.browser import Browser, Patience
from pipeline.scraping.pacing import Pacer, system_clock
from tests.pipeline.drawing import silent
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, in no hurry to load, and in one to see that nothing more comes."""
    pacer = Pacer(interval_s=0.0, clock=system_clock(threading.Event()))
    with closing(Browser(pacer, Patience(page_s=20.0, growth_s=1.0), silent)) as running:
        yield running

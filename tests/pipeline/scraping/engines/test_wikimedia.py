"""Wikimedia Commons over HTTP."""

import pytest

from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.engines.wikimedia import Wikimedia
from tests.pipeline.scraping.factories import FakeTime, make_fetcher
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import photos


def test_pages_follow_each_other_to_the_end(web: Web, time: FakeTime) -> None:
    """Each has fifty results."""
    web.results = {"heron": photos("heron", 120)}
    engine = Wikimedia(fetcher=make_fetcher(web, time), base_url=web.host)
    pages = list(engine.pages("heron", None))
    assert [len(page.candidates) for page in pages] == [50, 50, 20]
    assert [page.next_start for page in pages] == ["50", "100", None]


def test_a_search_goes_on_where_it_was_left(web: Web, time: FakeTime) -> None:
    """Behind as many results as were seen; earlier ones are not asked for again."""
    web.results = {"heron": photos("heron", 120)}
    engine = Wikimedia(fetcher=make_fetcher(web, time), base_url=web.host)
    (page,) = engine.pages("heron", "100")
    assert page.candidates[0].title == "heron 100"
    assert web.requests["/w/api.php"] == 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [("/odd/gone.jpg?", "HTTP 404"), ("/odd/page.jpg?", "the answer is not a list")],
)
def test_another_answer_ends_the_engine(web: Web, time: FakeTime, path: str, problem: str) -> None:
    """The message says what was wrong."""
    engine = Wikimedia(fetcher=make_fetcher(web, time), base_url=f"{web.host}{path}")
    with pytest.raises(EngineEndedError, match=f"Wikimedia Commons can't be asked: .*{problem}"):
        next(engine.pages("heron", None))

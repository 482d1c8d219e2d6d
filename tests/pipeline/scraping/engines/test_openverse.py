"""Openverse over HTTP."""

import pytest

from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.engines.openverse import Openverse
from tests.pipeline.scraping.factories import FakeTime, make_fetcher
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import photos


def test_pages_follow_each_other_to_the_end(web: Web, time: FakeTime) -> None:
    """Each has twenty results."""
    web.results = {"heron": photos("heron", 45)}
    engine = Openverse(fetcher=make_fetcher(web, time), base_url=web.host)
    pages = list(engine.pages("heron", None))
    assert [len(page.candidates) for page in pages] == [20, 20, 5]
    assert [page.next_start for page in pages] == ["2", "3", None]


def test_a_search_goes_on_where_it_was_left(web: Web, time: FakeTime) -> None:
    """At the page that is named; earlier ones are not asked for again."""
    web.results = {"heron": photos("heron", 45)}
    engine = Openverse(fetcher=make_fetcher(web, time), base_url=web.host)
    (page,) = engine.pages("heron", "3")
    assert page.candidates[0].title == "heron 40"
    assert web.requests["/v1/images/"] == 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [("/odd/gone.jpg?", "HTTP 404"), ("/odd/page.jpg?", "the answer is not a list")],
)
def test_another_answer_ends_the_engine(web: Web, time: FakeTime, path: str, problem: str) -> None:
    """The message says what was wrong."""
    engine = Openverse(fetcher=make_fetcher(web, time), base_url=f"{web.host}{path}")
    with pytest.raises(EngineEndedError, match=f"Openverse can't be asked: .*{problem}"):
        next(engine.pages("heron", None))

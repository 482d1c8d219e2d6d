"""Bing Images, in a real Chromium."""

import pytest

from pipeline.scraping.browser import Browser
from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.engines.bing import Bing
from tests.pipeline.scraping.factories import NEEDS_BROWSER
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import photos

pytestmark = NEEDS_BROWSER


def test_pages_follow_each_other_to_the_end(web: Web, browser: Browser) -> None:
    """They come in order, with five results per page."""
    pages = list(Bing(browser=browser, base_url=web.www).pages("heron", None))
    assert [len(page.candidates) for page in pages] == [5, 5, 2]
    assert [one.title for page in pages for one in page.candidates] == [
        f"heron {number}" for number in range(12)
    ]
    assert pages[-1].next_start is None
    assert (web.requests["/images/search"], web.requests["/images/async"]) == (1, 2)


def test_a_search_goes_on_where_it_was_left(web: Web, browser: Browser) -> None:
    """At the address of the next page; earlier ones are not asked for again."""
    engine = Bing(browser=browser, base_url=web.www)
    search = engine.pages("heron", None)
    first = next(search)
    search.close()
    second = next(engine.pages("heron", first.next_start))
    assert second.candidates[0].title == "heron 5"
    assert (web.requests["/images/search"], web.requests["/images/async"]) == (1, 1)


def test_a_page_without_anything_new_is_the_last(web: Web, browser: Browser) -> None:
    """Also where it names another one: the engine would go in circles."""
    web.results = {"heron": photos("heron", 5) * 3}
    pages = list(Bing(browser=browser, base_url=web.www).pages("heron", None))
    assert [len(page.candidates) for page in pages] == [5, 0]


def test_a_captcha_ends_the_engine(web: Web, browser: Browser) -> None:
    """It is not circumvented."""
    web.bing_captcha = True
    with pytest.raises(EngineEndedError, match="captcha"):
        next(Bing(browser=browser, base_url=web.www).pages("heron", None))
    assert web.requests["/images/search"] == 1


def test_a_busy_server_ends_the_engine(web: Web, browser: Browser) -> None:
    """Its page without results is not taken for the end of the search."""
    web.bing_status = 429
    with pytest.raises(EngineEndedError, match=r"www\.localhost answered HTTP 429"):
        next(Bing(browser=browser, base_url=web.www).pages("heron", None))
    assert web.requests["/images/search"] == 1


def test_the_next_page_is_on_the_same_site(web: Web, browser: Browser) -> None:
    """A page can't send the browser anywhere else."""
    engine = Bing(browser=browser, base_url=f"http://127.0.0.1:{web.port}")
    elsewhere = f"{web.www}/images/search?q=heron&first=1"
    page = next(engine.pages("heron", elsewhere))
    assert (len(page.candidates), page.next_start) == (5, None)

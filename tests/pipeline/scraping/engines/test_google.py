"""Google Images of two generations, in a real Chromium."""

import pytest

from pipeline.scraping.browser import Browser
from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.engines import google
from pipeline.scraping.engines.google import Google
from tests.pipeline.scraping.factories import NEEDS_BROWSER
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import photos

pytestmark = NEEDS_BROWSER


def titles(web: Web, browser: Browser) -> list[str | None]:
    """The titles of everything that a search for herons brings."""
    pages = Google(browser=browser, base_url=web.www).pages("heron", None)
    return [one.title for page in pages for one in page.candidates]


def test_scrolling_brings_everything_in_order(web: Web, browser: Browser) -> None:
    """Scripts of the page load what is further down; it ends where nothing new comes."""
    assert titles(web, browser) == [f"heron {n}" for n in range(12)]
    assert web.requests["/more"] == 3


def test_cards_that_came_late_have_addresses_too(web: Web, browser: Browser) -> None:
    """Full ones from scripts that were added; a thumbnail where a card has no entry."""
    first, page, _ = Google(browser=browser, base_url=web.www).pages("heron", None)
    urls = {one.title: one.image_url for one in page.candidates}
    assert (len(first.candidates), web.requests["/more"]) == (4, 3)
    assert urls["heron 5"] == f"{web.host}/photo/heron/5.jpg?size=large&copy=1"
    assert urls["heron 6"] == f"{web.host}/photo/heron/6.jpg?thumbnail"


def test_only_an_empty_page_says_that_there_is_no_more(web: Web, browser: Browser) -> None:
    """What stopped growing may only be slow, and the next run forgets an empty page."""
    pages = list(Google(browser=browser, base_url=web.www).pages("heron", None))
    assert [(bool(page.candidates), page.next_start is None) for page in pages] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_a_page_of_before_is_read_as_well(web: Web, browser: Browser) -> None:
    """Its results fit on one screen."""
    web.google = "before"
    assert titles(web, browser) == [f"heron {n}" for n in range(12)]


def test_the_consent_page_is_answered_with_reject_all(web: Web, browser: Browser) -> None:
    """In a language nobody here speaks; then the results come."""
    web.google = "consent"
    assert len(titles(web, browser)) == 12
    assert web.rejected


def test_a_captcha_ends_the_engine(web: Web, browser: Browser) -> None:
    """It is not circumvented."""
    web.google = "captcha"
    with pytest.raises(EngineEndedError, match=r"www\.localhost shows a captcha"):
        titles(web, browser)
    assert web.requests["/search"] == web.requests["/sorry/index"] == 1


def test_a_search_without_results_ends(web: Web, browser: Browser) -> None:
    """It brings one empty page."""
    (page,) = Google(browser=browser, base_url=web.www).pages("nothing", None)
    assert (page.candidates, page.next_start) == ((), None)


def test_searches_take_turns(web: Web, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its own tab, which stays where it was scrolled to."""
    monkeypatch.setattr(google, "_BATCH", 5)
    web.results = {"heron": photos("heron", 12), "stork": photos("stork", 12)}
    engine = Google(browser=browser, base_url=web.www)
    heron, stork = engine.pages("heron", None), engine.pages("stork", None)
    first, other, second = next(heron), next(stork), next(heron)
    heron.close()
    stork.close()
    assert {str(one.title).split()[0] for one in first.candidates + second.candidates} == {"heron"}
    assert {str(one.title).split()[0] for one in other.candidates} == {"stork"}
    assert first.next_start is not None
    assert web.requests["/search"] == 2
    assert not {one.key for one in first.candidates} & {one.key for one in second.candidates}


def test_nothing_is_scrolled_that_nobody_asks_for(web: Web, browser: Browser) -> None:
    """What the page has at once comes first."""
    search = Google(browser=browser, base_url=web.www).pages("heron", None)
    assert len(next(search).candidates) == 4
    search.close()
    assert web.requests["/more"] == 0

"""What Bing's result pages hold."""

import pytest

from pipeline.scraping.candidates import Candidate
from pipeline.scraping.parsing.bing import parse_bing
from tests.pipeline.scraping.web.pages import BING_PAGE, bing
from tests.pipeline.scraping.web.world import Item, photos


def test_a_result_has_its_address_page_and_title() -> None:
    """Escapes are undone, and the marks around the words of the query are gone."""
    item = Item(path="/x.jpg?a=1&b=2", title='the "grey" heron & <son>')
    page = parse_bing(bing("heron", [item], "http://a.example", first=1))
    assert page.candidates == (
        Candidate(
            image_url="http://a.example/x.jpg?a=1&b=2",
            page_url="http://a.example/page/x.jpg?a=1&b=2",
            title='the "grey" heron & <son>',
        ),
    )


def test_a_page_names_the_next_one() -> None:
    """The last one doesn't."""
    items = photos("griffon vulture", BING_PAGE + 2)
    first = parse_bing(bing("griffon vulture", items, "http://a.example", first=1))
    last = parse_bing(bing("griffon vulture", items, "http://a.example", first=BING_PAGE + 1))
    assert len(first.candidates) == BING_PAGE
    assert first.next_start == "/images/async?q=griffon%20vulture&first=6&count=5"
    assert (len(last.candidates), last.next_start) == (2, None)


def test_links_that_are_no_results_are_passed_over() -> None:
    """JSON of another shape, or no JSON at all; the name of the class says nothing."""
    html = """
    <a class="iusc" m="{}">a</a> <a m="nonsense">b</a> <a m="[1]">c</a> <a m='{"murl": 3}'>d</a>
    <a class="iusc">e</a> <a class="zq8" m='{"murl": "http://a.example/x", "desc": "y"}'>f</a>
    """
    page = parse_bing(html)
    assert page.candidates == (Candidate(image_url="http://a.example/x", title="y"),)


@pytest.mark.parametrize(
    "about", ["[" * 100_000, '{"murl": ' + "9" * 5000 + "}", r'{"murl": "http://a.example/\ud800"}']
)
def test_json_that_no_file_or_memory_can_hold_is_passed_over(about: str) -> None:
    """Nested too deep, a number too long, or half a character."""
    good = '{"murl": "http://a.example/x", "t": "half \\udc00 a letter"}'
    page = parse_bing(f"<a m='{about}'>a</a> <a m='{good}'>b</a>")
    assert page.candidates == (Candidate(image_url="http://a.example/x", title="half a letter"),)


def test_an_empty_page_has_nothing() -> None:
    """It also ends the search."""
    page = parse_bing("<html></html>")
    assert (page.candidates, page.next_start) == ((), None)

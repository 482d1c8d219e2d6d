"""What Google Images' result pages hold, today's and the ones before."""

import json

import pytest

from pipeline.scraping.candidates import Candidate
from pipeline.scraping.parsing.google import parse_google
from tests.pipeline.scraping.web.pages import FIRST_SCREEN, google_before, google_today
from tests.pipeline.scraping.web.world import photos

HOST = "http://a.example"


def test_a_page_of_today_has_full_addresses() -> None:
    """With escapes undone; the thumbnails of cards that have an entry are not taken."""
    found = parse_google(google_today("heron", photos("heron", 9), HOST))
    assert len(found) == FIRST_SCREEN
    assert found[0] == Candidate(
        image_url=f"{HOST}/photo/heron/0.jpg?size=large&copy=1",
        page_url=f"{HOST}/page/photo/heron/0.jpg",
        title="heron 0",
    )


def test_a_page_of_before_has_full_addresses_and_thumbnails() -> None:
    """The first card has its thumbnail inside the page, the last one at data-src."""
    found = parse_google(google_before(photos("heron", 4), HOST))
    assert [one.title for one in found] == ["heron 0", "heron 1", "heron 2", "heron 3"]
    assert found[0].image_url.startswith("data:image/jpeg;base64,")
    assert found[1].image_url == f"{HOST}/photo/heron/1.jpg?size=large&copy=1"
    assert found[3].image_url == f"{HOST}/photo/heron/3.jpg?thumbnail"


def test_names_of_classes_do_not_matter() -> None:
    """They change from month to month."""
    page = google_today("heron", photos("heron", 9), HOST)
    renamed = page.replace('class="x', 'class="FyHeAf ')
    assert parse_google(renamed) == parse_google(page)


def test_entries_without_a_card_come_last() -> None:
    """And cards without an entry stand where they stand."""
    card = (
        '<div data-docid="b" data-lpage="http://p.example/b"><img alt="b" '
        'data-src="https://t.example/b"></div>'
    )
    found = parse_google(f"<script>var m=[{entry('a')}];</script>{card}")
    assert found == (
        Candidate(image_url="https://t.example/b", page_url="http://p.example/b", title="b"),
        Candidate(image_url="https://i.example/a", page_url="http://p.example/a", title="title a"),
    )


@pytest.mark.parametrize(
    "broken",
    [
        '[1,[0,"a"]]',
        '[1,[0,"a",["https://t.example/a",9,9],null]]',
        '[1,[0,"a",["https://t.example/a",9,9],["x-raw-image:///a",9,9]]]',
        '[1,[0,"a",["https://t.example/a",9,9],["https://i.example/a","9","9"]]]',
        '[1,[0,"a",["https://t.example/a",9,9],["https://i.example/a"',
        "[" * 5000 + '[1,[0,"' + "[" * 5000,
        '[1,[0,"a",' + "9" * 5000 + "]]",
        r'[1,[0,"a",["https://t.example/a",9,9],["https://i.example/\ud800",9,9]]]',
    ],
)
def test_what_only_begins_like_an_entry_is_passed_over(broken: str) -> None:
    """The entries after it are read."""
    found = parse_google(f"<script>{broken};{entry('b')}</script>")
    assert [one.image_url for one in found] == ["https://i.example/b"]


def test_an_entry_without_page_and_title_has_none() -> None:
    """Only the address has to be there."""
    bare = '[1,[0,"a",["https://t.example/a",9,9],["https://i.example/a",9,9],{"2003":[null]}]]'
    assert parse_google(f"<script>{bare}</script>") == (Candidate(image_url="https://i.example/a"),)


def test_a_card_without_any_picture_is_no_result() -> None:
    """A blank placeholder doesn't count as a picture."""
    card = '<div data-ri="0" data-id="a"><img src="data:image/gif;base64,R0lGOD"></div>'
    assert parse_google(card) == ()


def entry(name: str) -> str:
    """One entry as in a script."""
    about = {"2003": [None, "ref", f"http://p.example/{name}", f"title {name}"]}
    thumbnail, full = [f"https://t.example/{name}", 9, 9], [f"https://i.example/{name}", 90, 90]
    return json.dumps([1, [0, name, thumbnail, full, None, about]])

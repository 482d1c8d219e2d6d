"""What Openverse answers."""

import json

import pytest

from pipeline.scraping.candidates import AnswerError, Candidate
from pipeline.scraping.parsing.openverse import parse_openverse
from tests.pipeline.scraping.web.answers import openverse
from tests.pipeline.scraping.web.world import Item, photos


def test_a_result_is_told_with_licence_and_creator() -> None:
    """And with the page to name as the source."""
    page = parse_openverse(openverse(photos("heron", 1), "http://a.example", page=1, page_size=20))
    assert page.candidates == (
        Candidate(
            image_url="http://a.example/photo/heron/0.jpg",
            page_url="http://a.example/page/photo/heron/0.jpg",
            title="heron 0",
            licence="CC BY-SA 4.0",
            licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
            creator="Ana Díaz",
        ),
    )
    assert page.next_start is None


@pytest.mark.parametrize(("number", "following"), [(1, "2"), (2, "3"), (3, None)])
def test_pages_are_counted(number: int, following: str | None) -> None:
    """The last one has no next page."""
    text = openverse(photos("heron", 45), "http://a.example", page=number, page_size=20)
    assert parse_openverse(text).next_start == following


def test_no_more_pages_are_asked_for_than_are_given_without_an_account() -> None:
    """There are twelve."""
    text = openverse(photos("heron", 1000), "http://a.example", page=12, page_size=20)
    assert parse_openverse(text).next_start is None


@pytest.mark.parametrize(
    ("code", "name"), [("cc0", "CC0 4.0"), ("pdm", "Public domain"), ("by-nc", "CC BY-NC 4.0")]
)
def test_licences_have_their_usual_names(code: str, name: str) -> None:
    """The public domain mark is not a licence, and its version means nothing."""
    item = Item(path="/x.jpg", title="x", licence=code)
    page = parse_openverse(openverse([item], "http://a.example", page=1, page_size=20))
    assert page.candidates[0].licence == name


def test_what_is_missing_is_none() -> None:
    """Only the address has to be there."""
    text = json.dumps({"page": 1, "page_count": 1, "results": [{"url": "http://a.example/x"}]})
    page = parse_openverse(text.encode())
    assert page.candidates == (Candidate(image_url="http://a.example/x"),)


def test_a_broken_result_is_passed_over() -> None:
    """The others are read."""
    results = [{"url": None}, {"title": "x"}, 3, {"url": "http://a.example/x"}]
    text = json.dumps({"page": 1, "page_count": 1, "results": results})
    page = parse_openverse(text.encode())
    assert page.candidates == (Candidate(image_url="http://a.example/x"),)


@pytest.mark.parametrize("text", [b"<html>", b"[]", b'{"detail": "throttled"}', b'{"results": 3}'])
def test_another_answer_is_an_error(text: bytes) -> None:
    """It doesn't pass for an empty page."""
    with pytest.raises(AnswerError, match="the answer is not a list of results"):
        parse_openverse(text)

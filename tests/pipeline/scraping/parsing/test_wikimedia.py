"""What Wikimedia Commons answers."""

import json

import pytest

from pipeline.scraping.candidates import AnswerError, Candidate
from pipeline.scraping.parsing.wikimedia import parse_wikimedia
from tests.pipeline.scraping.web.answers import wikimedia
from tests.pipeline.scraping.web.world import photos


def test_a_result_is_the_scaled_copy_with_licence_and_creator() -> None:
    """The creator without the HTML around the name."""
    answer = wikimedia(photos("heron", 1), "http://a.example", offset=0, limit=50)
    assert parse_wikimedia(answer).candidates == (
        Candidate(
            image_url="http://a.example/photo/heron/0.jpg",
            page_url="http://a.example/wiki/File:1.jpg",
            title="heron 0",
            licence="CC BY-SA 4.0",
            licence_url="https://creativecommons.org/licenses/by-sa/4.0",
            creator="Ana Díaz",
        ),
    )


def test_results_stand_in_the_order_of_the_search() -> None:
    """The answer itself is sorted by another number."""
    page = parse_wikimedia(wikimedia(photos("heron", 7), "http://a.example", offset=0, limit=5))
    assert [one.title for one in page.candidates] == [f"heron {number}" for number in range(5)]
    assert page.next_start == "5"


def test_the_last_page_has_no_next_one() -> None:
    """Nor has a search that finds nothing."""
    last = parse_wikimedia(wikimedia(photos("heron", 7), "http://a.example", offset=5, limit=5))
    nothing = parse_wikimedia(wikimedia((), "http://a.example", offset=0, limit=5))
    assert (len(last.candidates), last.next_start) == (2, None)
    assert (nothing.candidates, nothing.next_start) == ((), None)


def test_what_is_missing_is_none() -> None:
    """A file without a copy, facts, or any information."""
    bare = {"title": "File:x.jpg", "imageinfo": [{"url": "http://a.example/x", "extmetadata": []}]}
    text = json.dumps({"query": {"pages": [{"title": "File:gone.jpg"}, bare]}})
    page = parse_wikimedia(text.encode())
    assert page.candidates == (Candidate(image_url="http://a.example/x", title="x"),)


def test_a_broken_result_is_passed_over() -> None:
    """The others are read."""
    good = {"title": "File:x.jpg", "imageinfo": [{"url": "http://a.example/x"}]}
    broken = [{"title": "File:y.jpg", "imageinfo": [{"url": None}]}, {"title": None}, []]
    page = parse_wikimedia(json.dumps({"query": {"pages": [*broken, good]}}).encode())
    assert page.candidates == (Candidate(image_url="http://a.example/x", title="x"),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"<html>", "the answer is not a list of results"),
        (b"[]", "the answer is not a list of results"),
        (b'{"error": {"code": "maxlag"}}', "the answer is an error, maxlag"),
    ],
)
def test_another_answer_is_an_error(text: bytes, problem: str) -> None:
    """It doesn't pass for an empty page."""
    with pytest.raises(AnswerError, match=problem):
        parse_wikimedia(text)

"""What a search finds."""

import pytest

from pipeline.scraping.candidates import Candidate, plain


@pytest.mark.parametrize(
    ("licence", "is_free"),
    [
        ("CC BY-SA 4.0", True),
        ("CC0 1.0", True),
        ("CC0", True),
        ("cc-by-2.0", True),
        ("Public domain", True),
        ("GFDL", False),
        ("Copyrighted free use", False),
        ("", False),
        (None, False),
    ],
)
def test_free_is_creative_commons_or_the_public_domain(
    licence: str | None, *, is_free: bool
) -> None:
    """Whatever else a source calls it is not taken for free."""
    assert Candidate(image_url="https://a.example", licence=licence).has_free_licence is is_free


def test_a_photo_inside_the_page_is_known_by_its_hash() -> None:
    """Its address would be as long as the photo."""
    first, second = (Candidate(image_url=f"data:image/jpeg;base64,{text}") for text in "ab")
    assert first.key.startswith("data:;sha256=")
    assert len(first.key) == len("data:;sha256=") + 64
    assert first.key != second.key
    assert Candidate(image_url="https://a.example/x").key == "https://a.example/x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a\n\t b ", "a b"),
        ("\ue000bird\ue001", "bird"),
        ("b\ud800ird\udfff", "bird"),
        ("  ", None),
        (None, None),
        (3, None),
    ],
)
def test_text_of_a_page_becomes_one_line(text: object, shown: str | None) -> None:
    """Bing marks the words of the query with characters for private use."""
    assert plain(text) == shown

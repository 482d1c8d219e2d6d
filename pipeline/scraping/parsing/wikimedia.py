"""What Wikimedia Commons' API answers to a search for files."""

from typing import Any

from bs4 import BeautifulSoup
from pydantic import BaseModel, Field

from pipeline.scraping.candidates import AnswerError, Candidate, SearchPage, plain
from pipeline.scraping.parsing.answers import read_answer, readable


class _Fact(BaseModel):
    value: Any = None


class _Info(BaseModel):
    url: str
    # A copy of the width that was asked for: originals are often above 10 MB.
    thumburl: str | None = None
    descriptionurl: str | None = None
    # An empty table is written as an empty list.
    extmetadata: dict[str, _Fact] | list[Any] = {}


class _Page(BaseModel):
    title: str
    index: int = 0
    imageinfo: tuple[_Info, ...] = ()


class _Query(BaseModel):
    pages: tuple[Any, ...] = ()


class _Continue(BaseModel):
    gsroffset: int | None = None


class _Answer(BaseModel):
    # A search without results has no query at all.
    query: _Query = _Query()
    follow: _Continue = Field(default=_Continue(), alias="continue")
    error: dict[str, Any] | None = None


def parse_wikimedia(text: bytes) -> SearchPage:
    """The results of one page, except broken ones, and the offset of the next page.

    Raises:
        AnswerError: If the text is not such an answer.
    """
    answer = read_answer(text, _Answer)
    if answer.error is not None:
        raise AnswerError(f"the answer is an error, {plain(answer.error.get('code'))}")
    # The API sorts by page number, and gives the place among the results separately.
    pages = sorted(readable(answer.query.pages, _Page), key=lambda page: page.index)
    offset = answer.follow.gsroffset
    return SearchPage(
        candidates=tuple(_candidate(page, page.imageinfo[0]) for page in pages if page.imageinfo),
        next_start=None if offset is None else str(offset),
    )


def _candidate(page: _Page, info: _Info) -> Candidate:
    facts = info.extmetadata if isinstance(info.extmetadata, dict) else {}
    return Candidate(
        image_url=info.thumburl or info.url,
        page_url=plain(info.descriptionurl),
        title=plain(page.title.removeprefix("File:").rpartition(".")[0]),
        licence=_value(facts, "LicenseShortName"),
        licence_url=_value(facts, "LicenseUrl"),
        creator=_value(facts, "Artist"),
    )


def _value(facts: dict[str, _Fact], name: str) -> str | None:
    """One fact about a file, whose value may be HTML, as plain text."""
    raw = facts.get(name, _Fact()).value
    if not isinstance(raw, str) or "<" not in raw:
        return plain(raw)
    return plain(BeautifulSoup(raw, "html.parser").get_text(" "))

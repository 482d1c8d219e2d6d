"""What Openverse's API answers to a search for images."""

from typing import Any

from pydantic import BaseModel

from pipeline.scraping.candidates import AnswerError, Candidate, SearchPage, plain
from pipeline.scraping.parsing.answers import read_answer, readable

# Without an account, Openverse gives at most 240 results.
_MAX_PAGES = 12
_PUBLIC_DOMAIN = "pdm"
_NAMES = {"cc0": "CC0", _PUBLIC_DOMAIN: "Public domain"}


class _Result(BaseModel):
    url: str
    foreign_landing_url: str | None = None
    title: str | None = None
    license: str | None = None
    license_version: str | None = None
    license_url: str | None = None
    creator: str | None = None


class _Answer(BaseModel):
    results: tuple[Any, ...]
    page: int
    page_count: int


def parse_openverse(text: bytes) -> SearchPage:
    """The results of one page, except broken ones, and the number of the next page.

    Raises:
        AnswerError: If the text is not such an answer.
    """
    answer = read_answer(text, _Answer)
    is_last = answer.page >= min(answer.page_count, _MAX_PAGES)
    return SearchPage(
        candidates=tuple(_candidate(one) for one in readable(answer.results, _Result)),
        next_start=None if is_last else str(answer.page + 1),
    )


def _candidate(result: _Result) -> Candidate:
    return Candidate(
        image_url=result.url,
        page_url=plain(result.foreign_landing_url),
        title=plain(result.title),
        licence=_licence(result),
        licence_url=plain(result.license_url),
        creator=plain(result.creator),
    )


def _licence(result: _Result) -> str | None:
    if not result.license:
        return None
    code = result.license.lower()
    name = _NAMES.get(code, f"CC {code.upper()}")
    if not result.license_version or code == _PUBLIC_DOMAIN:
        return name
    return f"{name} {result.license_version}"


class _Token(BaseModel):
    access_token: str


def parse_token(text: bytes) -> str:
    """The token for which a key was exchanged.

    Raises:
        AnswerError: If the text is not such an answer, or holds no token that a header can carry.
    """
    token = read_answer(text, _Token).access_token
    if not (token.isascii() and token.isprintable()):
        raise AnswerError("the token can't be sent")
    return token

"""What a search finds: the address of a photo, and what the source says about it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Candidate(BaseModel):
    """One search result; unknown values are None, and nothing has been checked.

    Attributes:
        image_url: Where the photo is; a data: address holds the photo itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_url: str
    page_url: str | None = None
    title: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    creator: str | None = None

    @property
    def key(self) -> str:
        """The address, by which a photo is fetched only once; a hash stands for a data: address."""
        if not self.image_url.startswith("data:"):
            return self.image_url
        return f"data:;sha256={hashlib.sha256(self.image_url.encode()).hexdigest()}"

    @property
    def has_free_licence(self) -> bool:
        """Whether the source names a Creative Commons licence or the public domain."""
        return (self.licence or "").casefold().startswith(("cc ", "cc0", "cc-", "public domain"))


class SearchPage(BaseModel):
    """Some results of a search, best first.

    Attributes:
        next_start: What the engine needs to continue after this page; None if there is no more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: tuple[Candidate, ...]
    next_start: str | None


class Engine(Protocol):
    """Searches for photos."""

    @property
    def name(self) -> str:
        """The engine's name in options and in the manifest."""

    def pages(self, query: str, start: str | None) -> Iterator[SearchPage]:
        """The pages of a search, from its start or from the `next_start` of an earlier page.

        Raises:
            EngineEndedError: If the engine can't be asked any more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A candidate with the search that found it and its place there, from 1."""

    engine: str
    label: str
    query: str
    rank: int
    candidate: Candidate


class AnswerError(Exception):
    """An engine's answer is not what its interface promises."""


class EngineEndedError(Exception):
    """An engine can't be asked any more in this run; the next one takes over."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def is_thumbnail(key: str) -> bool:
    """Whether a photo's key says that it is a reduced copy of a larger original.

    So it is for what a page embeds, for the thumbnails of Google's and Bing's own servers, and for
    the widths that Wikimedia keeps ready.
    """
    if key.startswith("data:"):
        return True
    host, _, path = key.partition("://")[2].partition("/")
    is_theirs = host.startswith("encrypted-tbn") and host.endswith(".gstatic.com")
    is_bings = host.endswith((".bing.com", ".mm.bing.net"))
    is_commons = host == "upload.wikimedia.org" and "/thumb/" in f"/{path}"
    return is_theirs or is_bings or is_commons


def plain(text: object) -> str | None:
    """Text of a page on one line; None if nothing is left.

    Private-use characters, and lone surrogates, which no file can hold, are left out.
    """
    if not isinstance(text, str):
        return None
    shown = "".join(char for char in text if not "\ud800" <= char <= "\uf8ff")
    return " ".join(shown.split()) or None


def is_writable(address: object) -> bool:
    """Whether this is text that a file can hold: JSON may contain lone surrogates."""
    return isinstance(address, str) and not any("\ud800" <= char <= "\udfff" for char in address)

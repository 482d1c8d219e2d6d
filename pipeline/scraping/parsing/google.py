"""What Google Images' result pages hold, both today's and those of 2020 to 2024.

Both describe a photo twice: by a card on the page, and by a JSON entry inside a script. Cards are
recognized by their data attributes and entries by their shape; the names of CSS classes change
from month to month and are ignored. A card without an entry still has its thumbnail.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag

from pipeline.scraping.candidates import Candidate, is_writable, plain

CARDS = "[data-docid][data-lpage], [data-ri][data-id]"

# An entry: [1, [0, "docid", [thumbnail, height, width], [full, height, width], ..., {"2003":
# [_, ref, page, title, ...]}]].
_ENTRY = re.compile(r'\[\s*1\s*,\s*\[\s*0\s*,\s*"')
_THUMBNAIL, _FULL = 2, 3
_ABOUT_PAGE = "2003"
_PAGE, _TITLE = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    image_url: str
    page_url: str | None
    title: str | None


def parse_google(html: str) -> tuple[Candidate, ...]:
    """The photos of a result page, in the order of its cards, then those without a card."""
    entries = dict(_entries(html))
    found: dict[str, Candidate] = {}
    for card in BeautifulSoup(html, "html.parser").select(CARDS):
        identity = str(card.get("data-docid") or card.get("data-id"))
        candidate = _candidate(entries.get(identity), card)
        if candidate is not None:
            found.setdefault(identity, candidate)
    for identity, entry in entries.items():
        found.setdefault(
            identity,
            Candidate(image_url=entry.image_url, page_url=entry.page_url, title=entry.title),
        )
    return tuple(found.values())


def _candidate(entry: _Entry | None, card: Tag) -> Candidate | None:
    image_url = _thumbnail(card) if entry is None else entry.image_url
    if image_url is None:
        return None
    picture = card.select_one("img")
    page_url = None if entry is None else entry.page_url
    title = None if entry is None else entry.title
    return Candidate(
        image_url=image_url,
        page_url=page_url or plain(card.get("data-lpage")),
        title=title or (None if picture is None else plain(picture.get("alt"))),
    )


def _thumbnail(card: Tag) -> str | None:
    """The small picture of a card: embedded in the page, or at an address that is loaded later."""
    for picture in card.select("img"):
        for name in ("data-src", "src"):
            url = str(picture.get(name) or "")
            # GIFs embedded in the page are blank placeholders.
            if url.startswith(("https:", "http:", "data:image/jpeg", "data:image/png")):
                return url
    return None


def _entries(html: str) -> Iterator[tuple[str, _Entry]]:
    decoder = json.JSONDecoder()
    for match in _ENTRY.finditer(html):
        try:
            value, _ = decoder.raw_decode(html, match.start())
        except (ValueError, RecursionError):
            continue
        fields = value[1]
        if len(fields) <= _FULL or not (_is_image(fields[_THUMBNAIL]) and _is_image(fields[_FULL])):
            continue
        about = next(_about_pages(fields), ())
        page_url, title = (about[at] if len(about) > at else None for at in (_PAGE, _TITLE))
        yield (
            fields[1],
            _Entry(image_url=fields[_FULL][0], page_url=plain(page_url), title=plain(title)),
        )


def _is_image(value: object) -> bool:
    """Whether a value is [address, height, width]."""
    match value:
        case [str(url), int(), int(), *_]:
            return url.startswith(("http:", "https:")) and is_writable(url)
    return False


def _about_pages(fields: list[Any]) -> Iterator[list[Any]]:
    for field in fields:
        if isinstance(field, dict) and isinstance(field.get(_ABOUT_PAGE), list):
            yield field[_ABOUT_PAGE]

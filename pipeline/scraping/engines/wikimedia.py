"""Wikimedia Commons: openly licensed photos through a public API."""

from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urlencode

from pipeline.scraping.candidates import AnswerError, EngineEndedError, SearchPage
from pipeline.scraping.fetching import MAX_ANSWER_BYTES, Fetcher
from pipeline.scraping.parsing.wikimedia import parse_wikimedia
from pipeline.scraping.refusals import RefusedError

_PAGE_SIZE = 50
# One of the widths that Commons keeps ready.
_WIDTH_PX = 960
_FACTS = "LicenseShortName|LicenseUrl|Artist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wikimedia:
    """Searches Wikimedia Commons; every result names its licence and creator."""

    fetcher: Fetcher
    base_url: str
    name: str = "wikimedia"

    def pages(self, query: str, start: str | None) -> Generator[SearchPage, None, None]:
        """The pages of a search; `next_start` is how many results came before."""
        offset: str | None = start or "0"
        while offset is not None:
            try:
                answer = self.fetcher.answer(self._url(query, offset), max_bytes=MAX_ANSWER_BYTES)
                page = parse_wikimedia(answer)
            except (RefusedError, AnswerError) as error:
                raise EngineEndedError(f"Wikimedia Commons can't be asked: {error}") from error
            offset = page.next_start
            yield page

    def _url(self, query: str, offset: str) -> str:
        asked = {
            "action": "query",
            "format": "json",
            "formatversion": 2,
            "generator": "search",
            "gsrsearch": f"filetype:bitmap {query}",
            "gsrnamespace": 6,
            "gsrlimit": _PAGE_SIZE,
            "gsroffset": offset,
            "prop": "imageinfo",
            "iiprop": "url|mime|extmetadata",
            "iiextmetadatafilter": _FACTS,
            "iiurlwidth": _WIDTH_PX,
        }
        return f"{self.base_url}/w/api.php?{urlencode(asked)}"

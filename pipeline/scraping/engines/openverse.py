"""Openverse: openly licensed photos through a public API."""

from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urlencode

from pipeline.scraping.candidates import AnswerError, EngineEndedError, SearchPage
from pipeline.scraping.fetching import MAX_ANSWER_BYTES, Fetcher
from pipeline.scraping.parsing.openverse import parse_openverse
from pipeline.scraping.refusals import RefusedError

# Without an account, a page has no more results.
_PAGE_SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Openverse:
    """Searches Openverse; every result names its licence and creator."""

    fetcher: Fetcher
    base_url: str
    name: str = "openverse"

    def pages(self, query: str, start: str | None) -> Generator[SearchPage, None, None]:
        """The pages of a search; `next_start` is a page's number."""
        number: str | None = start or "1"
        while number is not None:
            asked = {"q": query, "page": number, "page_size": _PAGE_SIZE, "mature": "false"}
            url = f"{self.base_url}/v1/images/?{urlencode(asked)}"
            try:
                page = parse_openverse(self.fetcher.answer(url, max_bytes=MAX_ANSWER_BYTES))
            except (RefusedError, AnswerError) as error:
                raise EngineEndedError(f"Openverse can't be asked: {error}") from error
            number = page.next_start
            yield page

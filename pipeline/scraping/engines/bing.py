"""Bing Images, page after page in a real browser."""

from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from pipeline.scraping.browser import Browser
from pipeline.scraping.candidates import SearchPage
from pipeline.scraping.parsing.bing import parse_bing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bing:
    """Searches Bing Images, which doesn't name licences."""

    browser: Browser
    base_url: str
    name: str = "bing"

    def pages(self, query: str, start: str | None) -> Generator[SearchPage, None, None]:
        """The pages of a search; `next_start` is an address. A page with nothing new is last."""
        asked = urlencode({"q": query, "first": 1, "adlt": "strict"})
        url: str | None = start or f"{self.base_url}/images/search?{asked}"
        seen: set[str] = set()
        with self.browser.tab() as tab:
            while url is not None:
                tab.open(url)
                found = parse_bing(tab.html())
                new = tuple(one for one in found.candidates if one.key not in seen)
                seen.update(one.key for one in new)
                url = self._following(url, found.next_start) if new else None
                yield SearchPage(candidates=new, next_start=url)

    def _following(self, url: str, start: str | None) -> str | None:
        """The next page's address; None where there is none, or it is another site's."""
        if start is None:
            return None
        try:
            following = urljoin(url, start)
            is_same_site = urlsplit(following).netloc == urlsplit(self.base_url).netloc
        except ValueError:
            return None
        return following if is_same_site else None

"""Google Images, one page that grows as a real browser scrolls it."""

from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from pipeline.scraping.browser import Browser
from pipeline.scraping.candidates import SearchPage
from pipeline.scraping.parsing.google import CARDS, parse_google

# This many more cards are waited for before the page is read again.
_BATCH = 100
_MORE = "further down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Google:
    """Searches Google Images, which doesn't name licences."""

    browser: Browser
    base_url: str
    name: str = "google"

    def pages(self, query: str, start: str | None) -> Generator[SearchPage, None, None]:
        """What comes into view, a batch at a time.

        There is no way to begin further down: with a `start` the page is scrolled from the top, and
        what was seen before comes again. Nothing new for a while is no proof of the end, so only an
        empty page says that there is no more.
        """
        del start
        asked = urlencode({"q": query, "udm": 2, "safe": "active"})
        seen: set[str] = set()
        with self.browser.tab() as tab:
            tab.open(f"{self.base_url}/search?{asked}", consent_host=self._consent_host())
            # What is there at once may be enough; more is waited for only if it isn't.
            wanted, is_growing = 1, True
            while is_growing:
                is_growing = tab.scroll(CARDS, until=wanted)
                new = tuple(one for one in parse_google(tab.html()) if one.key not in seen)
                seen.update(one.key for one in new)
                wanted += _BATCH
                if new:
                    yield SearchPage(candidates=new, next_start=_MORE)
            yield SearchPage(candidates=(), next_start=None)

    def _consent_host(self) -> str:
        """Where Google asks for consent: consent.google.com for www.google.com."""
        host = urlsplit(self.base_url).hostname or ""
        return f"consent.{host.removeprefix('www.')}"

"""What Bing's result pages hold: links whose attribute `m` is JSON about one photo."""

import json

from bs4 import BeautifulSoup, Tag

from pipeline.scraping.candidates import Candidate, SearchPage, is_writable, plain


def parse_bing(html: str) -> SearchPage:
    """The results of one page, and the address of the next one, relative to the page."""
    soup = BeautifulSoup(html, "html.parser")
    found = (_candidate(link) for link in soup.select("a[m]"))
    # An attribute's name is in lower case once the page is parsed.
    following = soup.select_one("[data-nexturl]")
    return SearchPage(
        candidates=tuple(one for one in found if one is not None),
        next_start=None if following is None else str(following["data-nexturl"]) or None,
    )


def _candidate(link: Tag) -> Candidate | None:
    try:
        about = json.loads(str(link["m"]))
    except (ValueError, RecursionError):
        return None
    if not isinstance(about, dict) or not is_writable(about.get("murl")):
        return None
    return Candidate(
        image_url=about["murl"],
        page_url=plain(about.get("purl")),
        title=plain(about.get("t")) or plain(about.get("desc")),
    )

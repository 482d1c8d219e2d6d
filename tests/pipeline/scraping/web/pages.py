"""Result pages with the structure of Google Images' (two generations) and Bing's.

Only what the parsers rely on is as there; the rest is our own. Names of CSS classes are senseless
on purpose.
"""

import base64
import json
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from tests.pipeline.scraping.web.photos import photo
from tests.pipeline.scraping.web.world import Item

# Cards beyond this come as the page is scrolled.
FIRST_SCREEN = 4
BING_PAGE = 5
_LAZY = """
<script>
let next = %(first)d, isLoading = false;
addEventListener("scroll", async () => {
  if (isLoading || next < 0) return;
  if (innerHeight + scrollY < document.body.scrollHeight - 50) return;
  isLoading = true;
  const answer = await (await fetch(`/more?q=%(query)s&from=${next}`)).json();
  document.getElementById("grid").insertAdjacentHTML("beforeend", answer.cards);
  const script = document.createElement("script");
  script.type = "application/json";
  script.textContent = answer.script;
  document.body.append(script);
  next = answer.next;
  isLoading = false;
});
</script>
"""


def google_today(query: str, items: Sequence[Item], host: str) -> str:
    """A page as with udm=2: cards, entries in a script, more of both on scrolling."""
    shown = items[:FIRST_SCREEN]
    cards = "".join(today_card(item, number, host) for number, item in enumerate(shown))
    lazy = _LAZY % {"first": FIRST_SCREEN, "query": quote(query)}
    script = f"(function(){{var m={entries(shown, 0, host)};window.m=m;}})();"
    return _page(f'<div id="grid">{cards}</div><script>{script}</script>{lazy}')


def more(items: Sequence[Item], first: int, host: str, *, n: int = 3) -> bytes:
    """What scrolling brings; the last card of each batch has no entry, only a thumbnail."""
    shown = items[first : first + n]
    cards = "".join(
        today_card(item, number, host) for number, item in enumerate(shown, start=first)
    )
    following = first + n if first + n < len(items) else -1
    script = entries(shown[:-1], first, host)
    return json.dumps({"cards": cards, "script": script, "next": following}).encode()


def today_card(item: Item, number: int, host: str) -> str:
    """A card on a page of today."""
    return (
        f'<div class="x{number}q" data-docid="doc{number}" data-lpage="{host}/page{item.path}" '
        f'style="height:900px"><h3><img alt="{escape(item.title)}" '
        f'data-src="{host}{item.path}?thumbnail"></h3></div>'
    )


def google_before(items: Sequence[Item], host: str) -> str:
    """A page as with tbm=isch: ds:1 in a callback, thumbnails in the page, then data-src.

    The last item is in no entry: it has its thumbnail only. So has the first, inside the page.
    """
    cards = "".join(_before_card(item, number, host) for number, item in enumerate(items))
    told = f"[null,[{entries(items[1:-1], 1, host)}]]"
    callback = (
        f"AF_initDataCallback({{key: 'ds:1', hash: '2', data:[31,{told}], sideChannel: {{}}}});"
    )
    return _page(f"<div>{cards}</div><script>{callback}</script>")


def _before_card(item: Item, number: int, host: str) -> str:
    blank = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    picture = f'src="{blank}" data-src="{host}{item.path}?thumbnail"'
    if number == 0:
        inside = base64.b64encode(photo(999)).decode()
        picture = f'src="data:image/jpeg;base64,{inside}"'
    return (
        f'<div class="isv{number}" data-ri="{number}" data-id="doc{number}">'
        f'<img alt="{escape(item.title)}" {picture}></div>'
    )


def entries(items: Sequence[Item], first: int, host: str) -> str:
    """Entries as Google writes them into scripts, with = and & escaped."""
    rows = [
        [
            1,
            [
                0,
                f"doc{number}",
                [f"{host}{item.path}?thumbnail", 90, 120],
                [f"{host}{item.path}?size=large&copy=1", 120, 160],
                None,
                0,
                "rgb(64,96,72)",
                None,
                False,
                {
                    "2001": [None, None, None, 1],
                    "2003": [None, f"ref{number}", f"{host}/page{item.path}", item.title],
                },
            ],
        ]
        for number, item in enumerate(items, start=first)
    ]
    return json.dumps(rows).replace("=", "\\u003d").replace("&", "\\u0026")


def bing(query: str, items: Sequence[Item], host: str, *, first: int) -> str:
    """One of Bing's pages, counted from 1, with the address of the next one."""
    shown = items[first - 1 : first - 1 + BING_PAGE]
    links = "".join(f'<li><a class="iusc" m="{_about(item, host)}">x</a></li>' for item in shown)
    following = first + BING_PAGE
    attribute = ""
    if following <= len(items):
        address = f"/images/async?q={quote(query)}&first={following}&count={BING_PAGE}"
        attribute = f' data-nextUrl="{escape(address)}"'
    return _page(f'<div id="mmComponent_images_1"{attribute}><ul>{links}</ul></div>')


def _about(item: Item, host: str) -> str:
    about = {
        "purl": f"{host}/page{item.path}",
        "murl": f"{host}{item.path}",
        "turl": f"{host}/th?id=1",
        "md5": "0" * 32,
        "t": f"\ue000{item.title}\ue001",
        "mid": "1",
        "desc": "",
    }
    return escape(json.dumps(about, ensure_ascii=False))


def consent(following: str) -> str:
    """A consent page in Finnish: two forms, told apart by a hidden field."""
    forms = "".join(
        f'<form action="/save" method="POST"><input type="hidden" name="continue" '
        f'value="{escape(following)}"><input type="hidden" name="set_eom" value="{value}">'
        f"<button>{text}</button></form>"
        for value, text in (("false", "Hyväksy kaikki"), ("true", "Hylkää kaikki"))
    )
    return _page(forms)


def captcha() -> str:
    """The page at /sorry/."""
    return _page('<form id="captcha-form"><div data-sitekey="none"></div></form>')


def _page(body: str) -> str:
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'

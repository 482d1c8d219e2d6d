"""What the programming interfaces of Openverse and Wikimedia Commons answer."""

import json
from collections.abc import Sequence

from tests.pipeline.scraping.web.world import Item


def openverse(items: Sequence[Item], host: str, *, page: int, page_size: int) -> bytes:
    """One page of Openverse's answer."""
    start = (page - 1) * page_size
    answer = {
        "result_count": len(items),
        "page_count": max(1, -(-len(items) // page_size)),
        "page_size": page_size,
        "page": page,
        "results": [_openverse_result(item, host) for item in items[start : start + page_size]],
    }
    return json.dumps(answer).encode()


def _openverse_result(item: Item, host: str) -> dict[str, object]:
    return {
        "id": item.path,
        "title": item.title,
        "foreign_landing_url": f"{host}/page{item.path}",
        "url": f"{host}{item.path}",
        "creator": item.creator,
        "license": item.licence,
        "license_version": "4.0",
        "license_url": f"https://creativecommons.org/licenses/{item.licence}/4.0/",
        "provider": "flickr",
        "attribution": f"{item.title} by {item.creator}",
        "tags": [{"name": "bird"}],
        "height": 120,
        "width": 160,
        "mature": False,
    }


def wikimedia(items: Sequence[Item], host: str, *, offset: int, limit: int) -> bytes:
    """One page of Wikimedia Commons' answer; its pages are sorted by their number, as there."""
    shown = items[offset : offset + limit]
    pages = [_wikimedia_page(item, host, index=index) for index, item in enumerate(shown, start=1)]
    answer: dict[str, object] = {"batchcomplete": True}
    if pages:
        answer["query"] = {"pages": pages[::-1]}
    if offset + limit < len(items):
        answer["continue"] = {"gsroffset": offset + limit, "continue": "gsroffset||"}
    return json.dumps(answer).encode()


def _wikimedia_page(item: Item, host: str, *, index: int) -> dict[str, object]:
    facts = {
        "LicenseShortName": {"value": f"CC {item.licence.upper()} 4.0", "source": "commons"},
        "LicenseUrl": {"value": f"https://creativecommons.org/licenses/{item.licence}/4.0"},
        "Artist": {"value": f'<a href="//commons.wikimedia.org/wiki/User:X">{item.creator}</a>'},
    }
    info = {
        "thumburl": f"{host}{item.path}",
        "thumbwidth": 160,
        "thumbheight": 120,
        "url": f"{host}/original{item.path}",
        "descriptionurl": f"{host}/wiki/File:{index}.jpg",
        "mime": "image/jpeg",
        "extmetadata": facts,
    }
    title = f"File:{item.title}.jpg"
    return {"pageid": 1000 - index, "ns": 6, "title": title, "index": index, "imageinfo": [info]}

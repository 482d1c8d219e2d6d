"""What there is to be found: the results of each query, in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One search result; `path` is on the photo host."""

    path: str
    title: str
    licence: str = "by-sa"
    creator: str = "Ana Díaz"


def photos(query: str, n: int) -> tuple[Item, ...]:
    """Honest photos of a query."""
    return tuple(
        Item(path=f"/photo/{query.replace(' ', '_')}/{number}.jpg", title=f"{query} {number}")
        for number in range(n)
    )


def odd(*names: str) -> tuple[Item, ...]:
    """Results whose photos are odd, each in its own way; see `server.ODD`."""
    return tuple(Item(path=f"/odd/{name}", title=f"odd {name}") for name in names)

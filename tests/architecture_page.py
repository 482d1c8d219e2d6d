"""docs/architecture.md as values: rooms and their order, the drawing, and the trips."""

import re
from collections.abc import Iterator

from tests.imports import ROOT

ROOF = "__init__"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")

ORDERED = tuple(re.findall(r"^### `([\w/]+)/`$", PAGE, re.MULTILINE))
"""Folders whose rooms the page lists in their order."""

TRIPS = tuple(re.findall(r"^## (A .* through .*)$", PAGE, re.MULTILINE))
"""Headings of the trips that a file takes through a package."""


def _rows(heading: str) -> Iterator[list[str]]:
    """The cells of each row in the table under a heading."""
    section = PAGE.partition(f"# {heading}\n")[2]
    for line in section.partition("\n#")[0].splitlines():
        if line.startswith("| ") and "`" in line:
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _listed_rooms(folder: str) -> Iterator[tuple[str, bool]]:
    """The rooms of a folder from the roof down, and whether each is still to come."""
    for names, what in _rows(f"`{folder}/`"):
        for name in re.findall(r"`(\w+)(?:/|\.py)`", names):
            yield name, what.startswith("To come")


def written_order(folder: str) -> list[str]:
    """The rooms of a folder, ground first. Its __init__ is the roof, unless it is listed."""
    order = [name for name, _ in _listed_rooms(folder)][::-1]
    return order if ROOF in order else [*order, ROOF]


def rooms_to_come(folder: str) -> set[str]:
    """Rooms that have a place in the order before they exist."""
    return {name for name, is_to_come in _listed_rooms(folder) if is_to_come}


def steps(trip: str) -> list[tuple[str, str]]:
    """The file and the function of each step of a trip."""
    return [(path.strip("`"), function.strip("`")) for _, path, function, _ in _rows(trip)]


def _drawing() -> str:
    return PAGE.partition("```mermaid\n")[2].partition("\n```")[0]


def drawn_rooms() -> dict[str, str]:
    """The node that each room is drawn as; a package without rooms is a node of its own.

    Rooms are named with their packages, such as grader/cli. A node may stand for several.
    """
    nodes = {}
    for node, label in re.findall(r'^ +([\w/]+)\["(.+)"\]$', _drawing(), re.MULTILINE):
        package, slash, _ = node.partition("/")
        for room in re.split(r",\s*(?:<br>)?", label):
            nodes[f"{package}/{room}" if slash else room] = node
    return nodes


def drawn_arrows() -> list[tuple[str, str]]:
    """The start and the end of each arrow; a dotted line is not an arrow."""
    return re.findall(r"^ +([\w/]+) --> ([\w/]+)$", _drawing(), re.MULTILINE)

"""docs/architecture.md draws the rooms that exist, and names the steps that are taken."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture_page import TRIPS, drawn_arrows, drawn_rooms, steps
from tests.imports import IMPORTED, PACKAGES, TREES, room_of, rooms

ROOMS = drawn_rooms()
STEPS = [
    pytest.param(path, function, id=f"{path}: {function}")
    for trip in TRIPS
    for path, function in steps(trip)
]


def node_of(path: str) -> str:
    """The node of the drawing that a file is in; its room's name if that isn't drawn."""
    package = path.partition("/")[0]
    room = package if package in ROOMS else f"{package}/{room_of(path, package)}"
    return ROOMS.get(room, room)


def arrows() -> dict[str, set[str]]:
    """For each node the other nodes that any of its files imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, imported in IMPORTED.items():
        found[node_of(path)] |= {node_of(other) for other in imported} - {node_of(path)}
    return dict(found)


def reached(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    """All nodes that a path of one arrow or more leads to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def fewest(graph: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """The arrows of a graph without cycles that no path through other nodes covers."""
    for start, ends in graph.items():
        for end in ends:
            if not any(end in reached(other, graph) for other in ends - {end}):
                yield start, end


def test_the_drawing_shows_every_room_and_no_other() -> None:
    """A package without rooms is drawn as one."""
    expected = set()
    for package in PACKAGES:
        has_rooms = package not in ROOMS
        expected |= {f"{package}/{room}" for room in rooms(package)} if has_rooms else {package}
    assert set(ROOMS) == expected


def test_the_arrows_are_the_fewest_that_stand_for_all_imports() -> None:
    """Each is an import, each import is an arrow or a path of them, and none can be left out."""
    drawn, needed = drawn_arrows(), set(fewest(arrows()))
    assert len(set(drawn)) == len(drawn)
    assert {"to draw": needed - {*drawn}, "to remove": {*drawn} - needed} == {
        "to draw": set(),
        "to remove": set(),
    }


def test_an_arrow_that_others_stand_for_is_left_out() -> None:
    """The longer path already covers it."""
    graph = {"roof": {"room", "ground"}, "room": {"ground"}, "ground": set()}
    assert sorted(fewest(graph)) == [("roof", "room"), ("room", "ground")]


@pytest.mark.parametrize(("path", "function"), STEPS)
def test_a_step_of_a_trip_is_there(path: str, function: str) -> None:
    """The file that the page names has the function, or the class, at its top level."""
    names = {
        node.name for node in TREES[path].body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert function in names


def test_both_trips_have_steps() -> None:
    """One is an export's through the grader, the other a photo's through the pipeline."""
    assert [len(steps(trip)) > 10 for trip in TRIPS] == [True, True]

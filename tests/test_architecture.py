"""Who may import whom, read from the source, in the order that docs/architecture.md writes down."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.architecture_page import ORDERED, ROOF, rooms_to_come, written_order
from tests.imports import (
    FOLDERS,
    IMPORTED,
    PACKAGES,
    ROOT,
    TREES,
    imported_names,
    imports_between_rooms,
    room_of,
    rooms,
)

FORBIDDEN = {
    "grader": {"pipeline", "tests"},
    "hidden_test_spec": {"grader", "pipeline", "tests"},
    "pipeline": {"grader", "tests"},
}
# What one glance takes in; a folder with more should be divided, or move something out.
MOST_ENTRIES = {"grader/loading": 10, "pipeline": 18}
NO_ENTRIES = {"__init__.py", "__pycache__"}

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINT: dict[str, Any] = PYPROJECT["tool"]["ruff"]["lint"]
OWNED: set[str] = set(LINT["flake8-tidy-imports"]["banned-api"])


def nodes_of(tree: ast.AST, *, only_run: bool) -> Iterator[ast.AST]:
    """Every node of a file; on request without code for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if only_run and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from nodes_of(node, only_run=only_run)


def imported_packages(path: str, *, only_run: bool = False) -> set[str]:
    """The top-level packages that a file imports."""
    names = imported_names(path, nodes_of(TREES[path], only_run=only_run))
    return {name.partition(".")[0] for name in names}


def owners() -> list[str]:
    """Patterns of the files that pyproject.toml lets import the owned libraries."""
    ignores: dict[str, list[str]] = LINT["per-file-ignores"]
    return [pattern for pattern, rules in ignores.items() if "TID251" in rules]


@pytest.mark.parametrize("path", TREES)
def test_a_package_imports_only_what_stands_above_it(path: str) -> None:
    """Grader and pipeline never meet, and the contract between them knows neither."""
    assert not imported_packages(path) & FORBIDDEN[path.partition("/")[0]]


@pytest.mark.parametrize("path", TREES)
def test_heavy_libraries_stay_inside_the_files_that_own_them(path: str) -> None:
    """pyproject.toml names those files, so that the rest of the code loads quickly."""
    heavy = imported_packages(path, only_run=True) & OWNED
    assert not heavy or any(fnmatch(path, pattern) for pattern in owners()), sorted(heavy)


@pytest.mark.parametrize("pattern", owners())
def test_a_file_that_owns_heavy_libraries_is_there(pattern: str) -> None:
    """A pattern in pyproject.toml that no longer matches a file is out of date."""
    assert any(path.is_file() for path in ROOT.glob(pattern.replace("**", "**/*")))


def test_imports_of_files_have_an_order() -> None:
    """No file imports, directly or indirectly, a file that imports it."""
    assert set(TopologicalSorter(IMPORTED).static_order()) == TREES.keys()


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_of_rooms_have_an_order(folder: str) -> None:
    """At no level does a room import, directly or indirectly, a room that imports it."""
    graph: dict[str, set[str]] = defaultdict(set)
    for path, other in imports_between_rooms(folder):
        graph[room_of(path, folder)].add(room_of(other, folder))
    assert set(TopologicalSorter(graph).static_order()) <= rooms(folder)


@pytest.mark.parametrize("folder", ORDERED)
def test_a_file_imports_only_from_rooms_below_its_own(folder: str) -> None:
    """Imports inside functions count, and so do those only for type checkers."""
    height = {room: number for number, room in enumerate(written_order(folder))}
    upwards = [
        f"{path} imports {other}"
        for path, other in imports_between_rooms(folder)
        if height[room_of(other, folder)] > height[room_of(path, folder)]
    ]
    assert upwards == []


@pytest.mark.parametrize("folder", ORDERED)
def test_every_room_has_one_place_in_the_order(folder: str) -> None:
    """A room that has a place but doesn't exist is marked as to come."""
    assert Counter(written_order(folder)) == Counter(rooms(folder) | rooms_to_come(folder) | {ROOF})


def test_the_order_of_every_folder_with_rooms_is_written_down() -> None:
    """That is every package, and every folder that contains a folder."""
    assert {*PACKAGES, *(folder.rpartition("/")[0] for folder in FOLDERS)} - {""} == {*ORDERED}


@pytest.mark.parametrize("folder", MOST_ENTRIES)
def test_one_glance_takes_in_the_top_of_a_folder(folder: str) -> None:
    """Files and folders at the top of the two largest folders are counted."""
    entries = {entry.name for entry in (ROOT / folder).iterdir()} - NO_ENTRIES
    assert len(entries) <= MOST_ENTRIES[folder]


def test_the_libraries_that_load_slowly_are_all_owned() -> None:
    """The rule above covers at least these."""
    assert {"fastai", "timm", "torch", "torchvision"} <= OWNED


@pytest.mark.parametrize("path", TREES)
def test_a_module_opens_with_its_promise(path: str) -> None:
    """The first line of its docstring is a sentence."""
    docstring = ast.get_docstring(TREES[path])
    assert docstring is not None
    assert re.search(r"[.:]$|`\.$", docstring.splitlines()[0]) is not None


def test_grading_installs_neither_fastai_nor_selenium() -> None:
    """The base dependencies are what grading needs."""
    base = PYPROJECT["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9_.-]", one, maxsplit=1)[0].lower() for one in base}
    assert "torch" in names
    assert not names & {"fastai", "selenium", "split-folders"}


def test_every_package_of_the_wheel_is_held_to_these_rules() -> None:
    """A new package can't slip past them."""
    assert sorted(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == list(
        PACKAGES
    )

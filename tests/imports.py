"""The source of the packages as its imports.

A room of a folder is a folder in it, or a module beside such folders. Rooms are named without
ending, files by their path from the root.
"""

import ast
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("grader", "hidden_test_spec", "pipeline")

TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
FOLDERS = sorted({path.rpartition("/")[0] for path in TREES})


def module_name(path: str) -> str:
    """The dotted name of a file: that of grader/reports/__init__.py is grader.reports."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


_PATHS = {module_name(path): path for path in TREES}


def imported_names(path: str, nodes: Iterable[ast.AST]) -> set[str]:
    """Dotted names of what these nodes of a file import: modules, or attributes of modules."""
    name = module_name(path)
    package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            names |= {f"{source}.{alias.name}" for alias in node.names}
    return names


def _path_of(name: str) -> str | None:
    """The file that a dotted name belongs to: of a module, or of an attribute of one."""
    while name and name not in _PATHS:
        name = name.rpartition(".")[0]
    return _PATHS.get(name)


IMPORTED = {
    path: sorted(
        other
        for other in {_path_of(name) for name in imported_names(path, ast.walk(tree))}
        if other is not None
    )
    for path, tree in TREES.items()
}
"""Our files that each file imports, even inside functions or only for type checkers."""


def room_of(path: str, folder: str) -> str:
    """The room of a folder that a file is, or is in; empty for files outside the folder."""
    if not path.startswith(f"{folder}/"):
        return ""
    return path.removeprefix(f"{folder}/").partition("/")[0].removesuffix(".py")


def rooms(folder: str) -> set[str]:
    """All rooms of a folder."""
    return {room for path in TREES if (room := room_of(path, folder))}


def imports_between_rooms(folder: str) -> Iterator[tuple[str, str]]:
    """Every file in a folder with each file that it imports from another room of that folder."""
    for path, imported in IMPORTED.items():
        if room := room_of(path, folder):
            yield from (
                (path, other) for other in imported if room_of(other, folder) not in {room, ""}
            )

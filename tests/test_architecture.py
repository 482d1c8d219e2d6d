"""Who may import whom, and how large a module may grow, read from the source itself."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("grader", "hidden_test_spec", "pipeline")
FORBIDDEN = {
    "grader": {"pipeline", "tests"},
    "hidden_test_spec": {"grader", "pipeline", "tests"},
    "pipeline": {"grader", "tests"},
}
MAX_LINES = 300

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINT: dict[str, Any] = PYPROJECT["tool"]["ruff"]["lint"]
OWNED: set[str] = set(LINT["flake8-tidy-imports"]["banned-api"])
MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


def module_name(path: str) -> str:
    """The dotted name of a file: grader/reports/__init__.py is grader.reports."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def nodes_of(tree: ast.AST, *, only_run: bool) -> Iterator[ast.AST]:
    """Every node of a file; on request without what only type checkers look at."""
    for node in ast.iter_child_nodes(tree):
        if only_run and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from nodes_of(node, only_run=only_run)


def imported_names(path: str, nodes: Iterable[ast.AST]) -> set[str]:
    """Dotted names that these nodes of a file import, also those of single attributes."""
    name = module_name(path)
    package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            names |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
    return names


def imported_packages(path: str, *, only_run: bool = False) -> set[str]:
    """The first parts of what a file imports."""
    names = imported_names(path, nodes_of(MODULES[path], only_run=only_run))
    return {name.partition(".")[0] for name in names}


def owners() -> list[str]:
    """Patterns of the files that pyproject.toml lets import the owned libraries."""
    ignores: dict[str, list[str]] = LINT["per-file-ignores"]
    return [pattern for pattern, rules in ignores.items() if "TID251" in rules]


@pytest.mark.parametrize("path", MODULES)
def test_a_package_imports_only_what_stands_above_it(path: str) -> None:
    """Grader and pipeline never meet, and the contract between them knows neither."""
    assert not imported_packages(path) & FORBIDDEN[path.partition("/")[0]]


@pytest.mark.parametrize("path", MODULES)
def test_heavy_libraries_stay_inside_the_files_that_own_them(path: str) -> None:
    """Which pyproject.toml names, so that the rest of the code loads in a blink."""
    heavy = imported_packages(path, only_run=True) & OWNED
    assert not heavy or any(fnmatch(path, pattern) for pattern in owners()), sorted(heavy)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_of_a_package_have_an_order(package: str) -> None:
    """No module imports, by whatever way round, what imports it."""
    paths = {module_name(path): path for path in MODULES if path.partition("/")[0] == package}
    graph = {
        name: imported_names(path, ast.walk(MODULES[path])) & paths.keys()
        for name, path in paths.items()
    }
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == paths.keys()


def test_the_libraries_that_load_slowly_are_all_owned() -> None:
    """The rule above is about these, at least."""
    assert {"fastai", "timm", "torch", "torchvision"} <= OWNED


@pytest.mark.parametrize("path", MODULES)
def test_a_module_is_short(path: str) -> None:
    """It is split before it has 300 lines."""
    assert len((ROOT / path).read_text("utf-8").splitlines()) < MAX_LINES


@pytest.mark.parametrize("path", MODULES)
def test_a_module_opens_with_its_promise(path: str) -> None:
    """A docstring whose first line is a sentence."""
    docstring = ast.get_docstring(MODULES[path])
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

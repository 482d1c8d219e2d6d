"""Lists what changed in the classes of timm or torchvision since the versions of some wheels."""

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from acceptance.drift.sources import ClassSource, code_of, read_library
from grader.loading.allowlist.drift.updating import home_of
from grader.loading.allowlist.table import BLOCKS, LIBRARY_MODULES, LIBRARY_PREFIXES


def main(
    folders: Annotated[list[Path], typer.Argument(help="Unpacked wheels, today's last.")],
    *,
    library: Annotated[str, typer.Option(help="timm or torchvision.")] = "timm",
    only: Annotated[str, typer.Option(help="Only classes whose path holds this.")] = "",
    code: Annotated[bool, typer.Option("--code", help="Also show the lines that changed.")] = False,
) -> None:
    """Print for each admitted class what changed since each version, and which are gone."""
    *olds, new = folders
    today = read_library(new, library)
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for old in olds:
        for home, before in _old_classes(old, library, only):
            after = today.get(home) or _moved_into_layers(home, today)
            found = ["is gone"] if after is None else list(changes(before, after))
            if code and after is not None:
                found += _lines(before, after)
            for one in found:
                said[home, one].append(old.name.rpartition("-")[2])
    for (home, one), versions in sorted(said.items()):
        typer.echo(f"{home} {one}  [{' '.join(versions)}]")


def _old_classes(old: Path, library: str, only: str) -> Iterator[tuple[str, ClassSource]]:
    for path, before in sorted(read_library(old, library).items()):
        home = home_of(path)
        if only in home and _is_admitted(home) and "forward" in before.methods:
            yield home, before


def _moved_into_layers(home: str, today: Mapping[str, ClassSource]) -> ClassSource | None:
    """The class of the same name where the grader looks for one that left its module."""
    name = home.rpartition(".")[2]
    homes = ("timm.layers.", "torchvision.ops.")
    return next((today[p] for p in today if p.startswith(homes) and p.endswith(f".{name}")), None)


def changes(before: ClassSource, after: ClassSource) -> Iterator[str]:
    """What a record of the old class may lack or have too much for the new one."""
    # What both read and the old one doesn't set comes from torch's own class.
    lacking = after.read_names - before.set_names - after.names - before.read_names - {"training"}
    unread = (before.read_names & before.set_names) - after.read_names
    changed = {
        name
        for name, method in after.running.items()
        if name not in before.methods or code_of(before.methods[name]) != code_of(method)
    }
    for said, names in (
        ("lacks", lacking),
        ("has unread", unread),
        ("runs other code in", changed),
    ):
        for name in sorted(names):
            yield f"{said} {name}"


def _lines(before: ClassSource, after: ClassSource) -> Iterator[str]:
    for name in sorted({*before.running, *after.running, "__init__"}):
        older, newer = (
            code_of(one.methods[name]).splitlines() if name in one.methods else []
            for one in (before, after)
        )
        for line in difflib.unified_diff(older, newer, n=1, lineterm=""):
            if not line.startswith(("---", "+++")):
                yield f"    {line}"


def _is_admitted(path: str) -> bool:
    home = path.rpartition(".")[0]
    return path in BLOCKS or home in LIBRARY_MODULES or path.startswith(LIBRARY_PREFIXES)


if __name__ == "__main__":
    typer.run(main)

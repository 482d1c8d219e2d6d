"""From a path or a built-in name to a `Spec`; all faults of the file are reported at once."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hidden_test_spec.errors import Fault, SpecError, plain
from hidden_test_spec.labels import colliding_labels
from hidden_test_spec.regular_files import read_regular
from hidden_test_spec.spec import Spec, collision_problem

# That of thousands of classes; the longest built-in spec has 3 kB.
MAX_SPEC_BYTES = 2**20

_PLAIN_PROBLEMS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a key of a spec; remove it or correct its spelling",
}


def builtin_spec_names() -> tuple[str, ...]:
    """Names of the specs that come with the package, sorted."""
    folder = files("hidden_test_spec") / "specs"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def read_spec(source: str | Path) -> Spec:
    """Read a spec.

    Args:
        source: The name of a built-in spec, such as "birds", or the path of a TOML file.

    Returns:
        The validated, frozen spec.

    Raises:
        SpecError: With every fault of the file, if it can't be read or is not a valid spec.
    """
    text = _read_text(source)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _error(source, Fault(where="TOML", problem=str(error))) from error
    except RecursionError as error:
        problem = "is nested too deep; a spec has tables of lists at most"
        raise _error(source, Fault(where="TOML", problem=problem)) from error
    try:
        return Spec.model_validate(raw)
    except ValidationError as error:
        faults = [*_faults(error), *_collision_faults(raw)]
        raise _error(source, *dict.fromkeys(faults)) from error


def _read_text(source: str | Path) -> str:
    if str(source) in builtin_spec_names():
        return (files("hidden_test_spec") / "specs" / f"{source}.toml").read_text("utf-8")
    try:
        content = read_regular(Path(source), max_bytes=MAX_SPEC_BYTES, follows_links=True)
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        known = ", ".join(builtin_spec_names())
        problem = f"can't be read ({reason}); pass a TOML file, or a built-in spec: {known}"
    raise _error(source, Fault(where="file", problem=problem))


def _error(source: str | Path, *faults: Fault) -> SpecError:
    return SpecError(source=str(source), faults=faults)


def _faults(error: ValidationError) -> Iterator[Fault]:
    """Each of pydantic's findings in our words; collisions are reported separately below.

    A list with a faulty entry is not also reported as too short.
    """
    found = error.errors()
    faulty_lists = {one["loc"][:depth] for one in found for depth in range(len(one["loc"]))}
    for one in found:
        if one["loc"] == () or (one["type"] == "too_short" and one["loc"] in faulty_lists):
            continue
        problem = _PLAIN_PROBLEMS.get(one["type"]) or one["msg"].removeprefix("Value error, ")
        yield Fault(where=_where(one["loc"]), problem=problem)


def _where(location: tuple[int | str, ...]) -> str:
    """A dotted path into the file: classes[2].label (counted from 0, as TOML tools do)."""
    parts = (f"[{one}]" if isinstance(one, int) else f".{plain(one)}" for one in location)
    return "".join(parts).removeprefix(".")


def _collision_faults(raw: dict[str, Any]) -> Iterator[Fault]:
    """Collisions among the classes that can be read, even where other keys are faulty."""
    classes = raw.get("classes")
    tables = classes if isinstance(classes, list) else []
    named = [table for table in tables if isinstance(table, dict) and _is_text(table.get("label"))]
    for collision in colliding_labels((table["label"], _aliases(table)) for table in named):
        yield Fault(where="classes", problem=collision_problem(*collision))


def _aliases(table: dict[str, Any]) -> tuple[str, ...]:
    aliases = table.get("aliases")
    return tuple(filter(_is_text, aliases)) if isinstance(aliases, list) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str)

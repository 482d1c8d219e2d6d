"""Fuzzes whole commands: `inspect`, `check`, `report`, `compare` and specs, with odd settings.

    python -m acceptance.fuzzing.commands [--cases N] [--seed N]

Each case is run in this process, without the second wall, so that what would get past the first
wall is seen. A case fails if it ends in anything but a documented exit code, or takes too long.
Exit codes: 0 if nothing was found, 1 otherwise; cases that failed are in build/fuzzing/commands.
"""

import argparse
import json
import logging
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from typer.testing import CliRunner

from acceptance.fuzzing.odd_values import changed, odd_value, pushed
from grader.cli.app import app
from grader.loading.allowlist.rows import Block, Plain
from grader.loading.allowlist.table import BLOCKS, TORCH
from grader.loading.transforms.known_transforms import KNOWN_TRANSFORMS
from grader.reports.forms import render_file
from grader.words.language import ENGLISH
from tests.factories import make_report, make_rubric, make_sidecar
from tests.hostile import (
    EMPTY_DICT,
    dict_of,
    honest_layer,
    learner,
    object_of,
    pickle_of,
    storage,
    tensor,
    torch_file,
)

MAX_CPU_S = 5.0
_FOLDER = Path("build", "fuzzing", "commands")
_EXPECTED = frozenset(range(7)) - {1}
_FLOATS = bytes(64)
_N_SHOWN = 20
_FORMS = ("text", "json", "html", "markdown", "csv", "junit", "gradescope")


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder for the files of one case, and what they are made from."""

    folder: Path
    report: Mapping[str, Any]
    spec: Mapping[str, Any]

    def write(self, name: str, content: bytes | str) -> str:
        """Write a file of the case and return its path."""
        path = self.folder / name
        encoded = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        path.write_bytes(encoded)
        return str(path)


def _odd_module(chance: Random) -> bytes:
    """A module of a known class, with some of its settings and parts, most of them odd."""
    if chance.random() < 0.8:
        home = "torch.nn.modules.fuzzed"
        name, row = chance.choice(list(TORCH.items()))
    else:
        path, row = chance.choice(list(BLOCKS.items()))
        home, _, name = path.rpartition(".")
    settings = tuple(row.settings) if isinstance(row, Plain | Block) else ()
    given = {one: pushed(odd_value(chance)) for one in settings if chance.random() < 0.9}
    parts = {
        part: EMPTY_DICT if chance.random() < 0.7 else dict_of({"weight": _odd_tensor(chance)})
        for part in ("_parameters", "_buffers")
    }
    children = dict_of({"0": honest_layer(_odd_tensor(chance))} if chance.random() < 0.2 else {})
    return object_of(home, name, parts | {"_modules": children} | given)


def _odd_tensor(chance: Random) -> bytes:
    sides = tuple(chance.choice((0, 1, 2, 4, 2**40)) for _ in range(chance.randrange(4)))
    strides = tuple(chance.choice((0, 1, 2, 2**62)) for _ in sides)
    return tensor(storage("0", 16), shape=sides, strides=strides)


def _odd_transform(chance: Random) -> bytes:
    path = chance.choice(list(KNOWN_TRANSFORMS))
    home, _, name = path.rpartition(".")
    names = ("size", "method", "pad_mode", "mode", "mean", "std", "div", "max_sz", "resamples")
    more = ("val_xtra", "ratio", "valid_scale", "split_idx", "align_corners", "do", "p")
    given = {one: pushed(odd_value(chance)) for one in names + more if chance.random() < 0.5}
    return object_of(home, name, given)


def _export(ground: Ground, chance: Random) -> str:
    n_modules = chance.choice((1, 1, 2))
    children = {str(place): _odd_module(chance) for place in range(n_modules)}
    parts = dict.fromkeys(("_parameters", "_buffers"), EMPTY_DICT)
    root = object_of(
        "torch.nn.modules.container", "Sequential", parts | {"_modules": dict_of(children)}
    )
    names = (chance.choice(("zero", "one", odd_value(chance))) for _ in range(2))
    transforms = [_odd_transform(chance) for _ in range(chance.choice((0, 0, 1, 2)))]
    pickled = pickle_of(learner(*map(pushed, names), model=root, transforms=transforms))
    return ground.write("model.pkl", torch_file(pickled, {"0": _FLOATS}))


def _inspect(ground: Ground, chance: Random) -> list[str]:
    return ["inspect", _export(ground, chance), "--format", chance.choice(("text", "json"))]


def _check(ground: Ground, chance: Random) -> list[str]:
    path = _export(ground, chance)
    record = json.loads(make_sidecar(sha256="0" * 64).model_dump_json())
    ground.write("model.json", json.dumps(changed(record, chance, n_changes=chance.randrange(3))))
    return ["check", path, "--spec", "digits"]


def _report(ground: Ground, chance: Random) -> list[str]:
    document = changed(ground.report, chance, n_changes=chance.choice((0, 1, 1, 2, 5)))
    path = ground.write("report.json", json.dumps(document))
    audience = chance.choice(([], ["--audience", "student"], ["--audience", "instructor"]))
    language = chance.choice(([], ["--lang", "es"]))
    return ["report", path, "--format", chance.choice(_FORMS), *audience, *language]


def _compare(ground: Ground, chance: Random) -> list[str]:
    documents = (
        changed(ground.report, chance, n_changes=chance.choice((0, 0, 1, 2))) for _ in range(2)
    )
    paths = [ground.write(f"{place}.json", json.dumps(one)) for place, one in enumerate(documents)]
    return ["compare", *paths, "--format", chance.choice(_FORMS)]


def _spec(ground: Ground, chance: Random) -> list[str]:
    document = changed(ground.spec, chance, n_changes=chance.choice((1, 1, 2, 5)))
    path = ground.write("spec.toml", _toml(document))
    return ["check", str(ground.folder / "missing.pkl"), "--spec", path]


def _toml(document: Any) -> str:
    """Every value as inline TOML; what TOML can't hold is written as it would be in JSON."""
    if not isinstance(document, dict):
        return json.dumps(document)
    return "\n".join(f"{json.dumps(str(key))} = {_inline(item)}" for key, item in document.items())


def _inline(value: Any) -> str:
    match value:
        case dict():
            pairs = (f"{json.dumps(str(key))} = {_inline(one)}" for key, one in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case float() if value != value or value in (float("inf"), -float("inf")):  # noqa: PLR0124 - NaN
            return str(value)
    return json.dumps(value)


# How often each kind is drawn; those that need torch take longer.
KINDS: Mapping[Callable[[Ground, Random], list[str]], int] = MappingProxyType(
    {_inspect: 50, _check: 10, _report: 20, _compare: 5, _spec: 15}
)


def fault_of(arguments: list[str]) -> str:
    """What is wrong about how a command ended; empty where nothing is."""
    begin = time.process_time()
    result = CliRunner().invoke(app, arguments)
    took_s = time.process_time() - begin
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return "".join(traceback.format_exception(result.exception)[-3:])
    if result.exit_code not in _EXPECTED:
        return f"exit code {result.exit_code}"
    return f"{took_s:.1f} s" if took_s > MAX_CPU_S else ""


def _ground(folder: Path) -> Ground:
    report = make_report(baseline=(0, 0, 0, 1), rubric=make_rubric("accuracy >= 0.5"))
    labels = ("zero", "one")
    spec = {
        "name": "fuzzed",
        "version": "1.0.0",
        "description": "For fuzzing",
        "limits": {"min_side_px": 8, "max_images": 100, "max_model_mb": 10},
        "layout": {"extensions": ["png"]},
        "classes": [{"label": one, "aliases": [one[:1]], "queries": [one]} for one in labels],
        "rubric": {"pass_points": 1, "criteria": [{"rule": "accuracy >= 0.5", "points": 1}]},
        "reporting": {"level": 0.95},
    }
    document = json.loads(render_file(report, "json", audience=None, language=ENGLISH, photos=None))
    return Ground(folder=folder, report=document, spec=spec)


def main() -> int:
    """Run the cases, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m acceptance.fuzzing.commands")
    parser.add_argument("--cases", type=int, default=200_000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="draws them")
    asked, _ = parser.parse_known_args()
    warnings.simplefilter("ignore")
    logging.disable()
    chance = Random(asked.seed)  # noqa: S311 - a fuzzer draws what it draws again
    ended: Counter[str] = Counter()
    faults: dict[str, int] = {}
    with TemporaryDirectory() as name:
        ground = _ground(Path(name))
        for number in range(asked.cases):
            (make,) = chance.choices(list(KINDS), list(KINDS.values()))
            arguments = make(ground, chance)
            fault = fault_of(arguments)
            ended[f"{arguments[0]}: {'fault' if fault else 'documented'}"] += 1
            if fault and fault not in faults:
                _keep(ground, number, arguments, fault)
            faults[fault] = faults.get(fault, 0) + bool(fault)
    sys.stdout.write(f"{asked.cases} cases: {dict(ended)}\n")
    found = {fault: count for fault, count in faults.items() if fault}
    for fault, count in list(found.items())[:_N_SHOWN]:
        sys.stdout.write(f"--- {count} times:\n{fault}\n")
    return 1 if found else 0


def _keep(ground: Ground, number: int, arguments: list[str], fault: str) -> None:
    """Copy the files of a case, with its arguments and what happened."""
    kept = _FOLDER / str(number)
    kept.mkdir(parents=True, exist_ok=True)
    for path in ground.folder.iterdir():
        (kept / path.name).write_bytes(path.read_bytes())
    (kept / "fault.txt").write_text(f"{arguments}\n{fault}", "utf-8", "backslashreplace")


if __name__ == "__main__":
    sys.exit(main())

"""Watches a command from its first line on, and writes what it sees into a file.

The file is written as things happen, so it also shows what a killed process did.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from acceptance.watched.sightings import Sighting
from acceptance.watched.watching import Watched, Watcher

ROOT = Path(__file__).parents[2]
OBSERVER = Path(__file__).parent / "observer"
WATCH_ORDER = "ACCEPTANCE_WATCH"


def ordered(watched: Watched, *, order: Path, log: Path) -> Mapping[str, str]:
    """Write down what a command is to be watched for.

    Args:
        watched: The file and its names.
        order: The file to write, which the command reads.
        log: Where the command will write its sightings.

    Returns:
        What to add to the command's environment.
    """
    content = {"path": watched.path, "names": sorted(watched.names), "log": str(log)}
    order.write_text(json.dumps(content), "utf-8")
    log.touch()
    inherited = filter(None, [os.environ.get("PYTHONPATH")])
    path = os.pathsep.join((str(OBSERVER), str(ROOT), *inherited))
    return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", WATCH_ORDER: str(order)}


def observe_this_process() -> None:
    """Start watching as the environment says, for as long as the process lives."""
    order = json.loads(Path(os.environ[WATCH_ORDER]).read_text("utf-8"))
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)

    def write(sighting: Sighting) -> None:
        os.write(log, (json.dumps(asdict(sighting)) + "\n").encode())

    watched = Watched(path=order["path"], names=frozenset(order["names"]))
    Watcher().begin(watched, write)


def logged(log: Path) -> tuple[Sighting, ...]:
    """What a command was seen to do, according to its log."""
    return tuple(Sighting(**json.loads(line)) for line in log.read_text("utf-8").splitlines())

"""A process that decides about photos and kills itself at a named step; run by `test_killed`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.cleaning.quarantine.planning import Trees
from tests.pipeline.cleaning.deciding import opened, removal

CHOICES = ("red/0.png", "red/1.png", "blue/2.png")


def die() -> None:
    """End as a power cut ends a process: no handler, no clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(function: Callable[..., Any], *, call: int, is_done: bool) -> Callable[..., Any]:
    """The function, but its n-th call ends the process, before or after its work."""
    n_calls = 0

    def stand_in(*args: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == call and not is_done:
            die()
        result = function(*args)
        if n_calls == call:
            die()
        return result

    return stand_in


def arm(step: str) -> None:
    """Put the end of the process at a step: rename-2-before, fsync-1-after, half-a-line."""
    if step == "half-a-line":
        from hidden_test_spec import durable  # noqa: PLC0415

        def half(file: Any, content: bytes) -> None:
            file.write(content[: len(content) // 2])
            die()

        durable._write_whole = half  # noqa: SLF001
        return
    name, call, when = step.split("-")
    owner: Any = {"rename": Path, "fsync": os}[name]
    function = dying_at(getattr(owner, name), call=int(call), is_done=when == "after")
    setattr(owner, name, function)


def main() -> None:
    """Open the quarantine, arm the step, and act."""
    images, quarantine, action, step = sys.argv[1:]
    with opened(Trees(images=Path(images), quarantine=Path(quarantine))) as opened_one:
        arm(step)
        if action == "apply":
            opened_one.apply([removal(image) for image in CHOICES])
        else:
            {"undo": opened_one.undo, "redo": opened_one.redo}[action]()


if __name__ == "__main__":
    main()

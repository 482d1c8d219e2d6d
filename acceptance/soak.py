"""The command behind `nox -s soak`: kills scrapes at random moments until they are done.

Each round scrapes a small web on the loopback with one engine, in a process that is killed and
resumed again and again. In the end the counts must be exact, photos and rows must match one to
one, and only what was on its way when the process was killed may have been requested twice.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tests.pipeline.scraping.checking import check_no_photo_without_row, check_whole
from tests.pipeline.scraping.factories import write_spec
from tests.pipeline.scraping.web.server import Web, serve
from tests.pipeline.scraping.web.world import Item, odd, photos

ENGINES = ("openverse", "wikimedia", "bing", "google")
PER_CLASS = 25
N_PARALLEL = 4
MAX_KILLS = 20
# A browser alone takes seconds to start, and a scrape that never gets there tests nothing.
LIFETIMES_S = {"openverse": (0.3, 4.0), "wikimedia": (0.3, 4.0)}
WITH_BROWSER_S = (2.0, 15.0)
RESULTS: Mapping[str, tuple[Item, ...]] = {
    "heron": odd("small.png", "page.jpg", "moved.jpg") + photos("heron", 40),
    "griffon vulture": photos("griffon vulture", 20),
    "buitre leonado": odd("gone.jpg") + photos("buitre leonado", 20),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One scrape that was killed until it was done."""

    engine: str
    n_kills: int
    n_requests: int
    n_addresses: int

    @property
    def n_again(self) -> int:
        """Requests for photos that had been requested before."""
        return self.n_requests - self.n_addresses

    @property
    def is_good(self) -> bool:
        """Whether no more photos were requested again than could be on their way."""
        return self.n_again <= self.n_kills * N_PARALLEL


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Scrapes to kill.")] = 12,
    seed: Annotated[
        int, typer.Option(help="Fixes the moments; the machine still has its own.")
    ] = 5,
) -> None:
    """Kill scrapes at random; exit with 1 if one lost something or requested too much."""
    generator = random.Random(seed)  # noqa: S311 - no secret depends on it
    is_good = True
    for number, engine in zip(range(1, rounds + 1), itertools.cycle(ENGINES), strict=False):
        # Chromium puts a socket into its profile, so the folder's path must be short.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            done = soak(engine, Path(folder), generator)
        is_good = is_good and done.is_good
        typer.echo(
            f"round {number}: {engine}, {done.n_kills} kills, {done.n_addresses} photos asked "
            f"for, {done.n_again} of them again: {'good' if done.is_good else 'TOO MANY'}"
        )
    if not is_good:
        raise typer.Exit(1)


def soak(engine: str, folder: Path, generator: random.Random) -> Round:
    """Kill one scrape until it is done, and check what it left.

    Raises:
        AssertionError: If photos and rows don't match, or counts are not exact.
    """
    with serve(RESULTS) as web:
        command = _command(web, engine, folder)
        lifetime_s = LIFETIMES_S.get(engine, WITH_BROWSER_S)
        n_kills = 0
        while not _is_done(
            command, folder, generator.uniform(*lifetime_s), last=n_kills == MAX_KILLS
        ):
            n_kills += 1
            if (folder / "images" / "manifest.csv").exists():
                check_no_photo_without_row(folder / "images")
        assert check_whole(folder / "images") == {"garza": PER_CLASS, "buitre": PER_CLASS}
        asked = web.n_photo_requests()
    return Round(
        engine=engine, n_kills=n_kills, n_requests=sum(asked.values()), n_addresses=len(asked)
    )


def _command(web: Web, engine: str, folder: Path) -> list[str]:
    spec = write_spec(
        folder / "spec.toml", garza=("heron",), buitre=("griffon vulture", "buitre leonado")
    )
    base = web.www if engine in {"google", "bing"} else web.host
    command = [sys.executable, "-m", "pipeline", "scrape", "--resume", "--spec", str(spec)]
    command += ["--out", str(folder / "images"), "--per-class", str(PER_CLASS), "--rate", "25"]
    command += ["--engine", engine, "--base-url", f"{engine}={base}"]
    return [*command, "--parallel", str(N_PARALLEL), "--allow-private-host", web.allowed]


def _is_done(command: list[str], folder: Path, seconds: float, *, last: bool) -> bool:
    """Run a scrape for this long, or the last one to its end; whether it finished."""
    environment = os.environ | {"TMPDIR": str(folder)}
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env=environment, start_new_session=True
        )
    try:
        process.wait(timeout=300 if last else seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode in {0, -signal.SIGKILL}, (folder / "said.txt").read_text("utf-8")
    return process.returncode == 0


if __name__ == "__main__":
    typer.run(main)

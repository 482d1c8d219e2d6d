"""A scrape that is killed at any step can continue; it loses nothing and fetches nothing twice."""

import os
import signal
import subprocess
import sys
import time as real_time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli.scrape import scrape
from tests.pipeline.scraping import dying
from tests.pipeline.scraping.checking import check_no_photo_without_row, check_whole, photo_paths
from tests.pipeline.scraping.factories import NEEDS_BROWSER, write_spec
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import odd, photos

LOST = "a photo is fetched"


def options(web: Web, folder: Path, *more: str, engine: str = "openverse") -> list[str]:
    """The options of a scrape of two classes into `folder`/images."""
    spec = write_spec(folder / "spec.toml", garza=("heron",), buitre=("vulture", "buitre"))
    base = web.www if engine in {"google", "bing"} else web.host
    network = ["--rate", "100", "--allow-private-host", web.allowed]
    asked = ["--engine", engine, "--base-url", f"{engine}={base}", "--per-class", "4"]
    return ["--spec", str(spec), "--out", str(folder / "images"), *network, *asked, *more]


def offer(web: Web) -> None:
    """Let there be one bad photo in front, and more than enough good ones."""
    web.results = {
        "heron": odd("small.png") + photos("heron", 9),
        "vulture": photos("vulture", 3),
        "buitre": photos("buitre", 3),
    }


def killed(step: str, n: int, arguments: list[str]) -> None:
    """Scrape in a separate process, which is killed at a step; its browser is ended after it."""
    command = [sys.executable, "-m", "tests.pipeline.scraping.dying", step, str(n), *arguments]
    # Chromium puts a socket into its profile, so the folder's path must be short.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = os.environ | {"TMPDIR": folder}
        with subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            # What a browser writes to the same stream has no end before the browser has one.
            process.wait(timeout=120)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            assert process.stderr is not None
            assert process.returncode == -signal.SIGKILL, process.stderr.read()


def go_on(arguments: list[str]) -> None:
    """Scrape to the end."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(scrape)
    done = CliRunner().invoke(app, [*arguments, "--resume"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("step", "n"),
    [(step, 1) for step in dying.STEPS]
    + [("its bytes are put aside", 4), ("half of its row is written", 5), (LOST, 6)],
)
def test_a_killed_scrape_goes_on(web: Web, tmp_path: Path, step: str, n: int) -> None:
    """Counts are exact, and only what was on its way when it died is asked for again."""
    offer(web)
    arguments = options(web, tmp_path, "--parallel", "1")
    killed(step, n, arguments)
    check_no_photo_without_row(tmp_path / "images")
    go_on(arguments)
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}
    asked = web.n_photo_requests()
    assert len(asked) == 9
    assert sum(asked.values()) == 9 + (step == LOST)
    assert web.requests["/v1/images/"] == 3


@pytest.mark.parametrize(
    "engine",
    [
        "wikimedia",
        pytest.param("bing", marks=NEEDS_BROWSER),
        pytest.param("google", marks=NEEDS_BROWSER),
    ],
)
def test_other_engines_go_on_as_well(web: Web, tmp_path: Path, engine: str) -> None:
    """A browser may have to open its page again; photos are not fetched again."""
    offer(web)
    arguments = options(web, tmp_path, "--parallel", "1", engine=engine)
    killed("its bytes are put aside", 3, arguments)
    go_on(arguments)
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}
    assert set(web.n_photo_requests().values()) == {1}


def test_killed_again_and_again_it_still_ends(web: Web, tmp_path: Path) -> None:
    """With several downloads at a time: each death costs at most what was on its way."""
    offer(web)
    arguments = options(web, tmp_path, "--parallel", "4")
    for n, step in enumerate(("its bytes are put aside", "its CSV row is written", LOST), start=1):
        killed(step, 1, [*arguments, "--resume"])
        check_no_photo_without_row(tmp_path / "images")
        assert sum(web.n_photo_requests().values()) <= 4 * n + 9
    go_on(arguments)
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}
    assert sum(web.n_photo_requests().values()) <= 9 + 3 * 4


def is_stuck(web: Web, root: Path) -> bool:
    """Whether two photos are in their place, and the third one is on its slow way."""
    return len(photo_paths(root)) == 2 and web.requests["/odd/drip.jpg"] == 1


def test_ctrl_c_says_how_to_go_on(web: Web, tmp_path: Path) -> None:
    """A real interrupt during a download that would take a minute; it ends at once."""
    web.results = {"heron": photos("heron", 2) + odd("drip.jpg") + photos("heron", 9)[2:]}
    arguments = options(web, tmp_path, "--timeout", "60")
    command = [sys.executable, "-m", "pipeline", "scrape", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not is_stuck(web, tmp_path / "images") and process.poll() is None:
            real_time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        start = real_time.monotonic()
        stdout, stderr = process.communicate(timeout=60)
    assert real_time.monotonic() - start < 8
    assert (process.returncode, stdout) == (130, "")
    assert "2 photos and their manifest are kept" in stderr
    assert "run the same command with --resume" in stderr
    assert "Traceback" not in stderr
    check_no_photo_without_row(tmp_path / "images")

"""The command `pipeline scrape`: messages, streams and exit codes."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from tests.pipeline.scraping.checking import check_whole
from tests.pipeline.scraping.factories import NEEDS_BROWSER, write_spec
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import odd, photos

VULTURES = ("griffon vulture", "buitre leonado")


def run(*arguments: str | Path) -> Result:
    """Run `pipeline scrape` in this process."""
    return CliRunner().invoke(app, ["scrape", *map(str, arguments)])


def options(web: Web, folder: Path, engine: str = "openverse", per_class: int = 4) -> list[str]:
    """Options that collect two classes from our web into `folder`/images."""
    spec = write_spec(folder / "spec.toml", garza=("heron",), buitre=VULTURES)
    base = web.www if engine in {"google", "bing"} else web.host
    return shlex.split(
        f"--spec {spec} --out {folder / 'images'} --engine {engine} --per-class {per_class} "
        f"--rate 100 --allow-private-host {web.allowed} --base-url {engine}={base}"
    )


def test_a_scrape_ends_with_a_table_and_the_folder(web: Web, tmp_path: Path) -> None:
    """On stdout; progress and the warning about the private host on stderr."""
    web.results = dict(web.results) | {"heron": odd("small.png", "gone.jpg") + photos("heron", 9)}
    result = run(*options(web, tmp_path))
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == "class engine found photos thumbnails refused for these reasons"
    assert lines[2] == "garza openverse 11 4 0 2 too small 1, server refused it 1"
    assert lines[3] == "buitre openverse 12 4 0 0"
    assert lines[-1] == str(tmp_path / "images")
    assert "may be contacted even if it is in a private network" in result.stderr
    assert "garza: 4 of 4 photos" in result.stderr
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}


def test_too_few_results_are_told_and_no_error(web: Web, tmp_path: Path) -> None:
    """The web has no more: that is nothing that another try would change."""
    result = run(*options(web, tmp_path, per_class=12))
    assert result.exit_code == 0, result.output
    assert "Fewer than 12 photos" not in result.stderr
    result = run(*options(web, tmp_path, per_class=13), "--resume")
    assert result.exit_code == 0, result.output
    assert "the engines have no more: garza 12, buitre 12" in result.stderr


@NEEDS_BROWSER
def test_an_engine_that_ends_early_ends_with_6(web: Web, tmp_path: Path) -> None:
    """The table comes all the same; the message has the reason and a way out."""
    web.google = "captcha"
    result = run(*options(web, tmp_path, engine="google"))
    assert result.exit_code == 6, result.output
    assert str(tmp_path / "images") in result.stdout
    assert 'Photos are missing for "buitre", "garza"' in result.stderr
    assert "captcha" in result.stderr
    assert "--resume, later or with another --engine, such as openverse" in result.stderr


@NEEDS_BROWSER
def test_an_engine_that_was_busy_is_asked_again_later(web: Web, tmp_path: Path) -> None:
    """As the message says: the blocked page is not kept as the end of the search."""
    web.bing_status = 429
    result = run(*options(web, tmp_path, engine="bing"))
    assert result.exit_code == 6, result.output
    assert "bing: www.localhost answered HTTP 429" in result.stderr
    web.bing_status = 200
    result = run(*options(web, tmp_path, engine="bing"), "--resume")
    assert result.exit_code == 0, result.output
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}


def test_a_class_that_nothing_was_found_for_is_asked_for_again(web: Web, tmp_path: Path) -> None:
    """The engine may have photos of it by then."""
    found = dict(web.results)
    web.results = {}
    assert run(*options(web, tmp_path)).exit_code == 6
    web.results = found
    result = run(*options(web, tmp_path), "--resume")
    assert result.exit_code == 0, result.output
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}


def test_a_class_without_any_photo_ends_with_6(web: Web, tmp_path: Path) -> None:
    """An engine that found nothing at all may have changed its pages."""
    web.results = {"heron": photos("heron", 9)}
    result = run(*options(web, tmp_path))
    assert result.exit_code == 6, result.output
    assert 'Photos are missing for "buitre"' in result.stderr
    assert "openverse: found nothing usable" in result.stderr


def test_a_photo_that_took_too_long_ends_with_6(web: Web, tmp_path: Path) -> None:
    """Another try may bring it; what the engines don't have is no reason to try again."""
    web.results = dict(web.results) | {"heron": odd("drip.jpg") + photos("heron", 3)}
    result = run(*options(web, tmp_path), "--timeout", "0.5")
    assert result.exit_code == 6, result.output
    assert 'Photos are missing for "garza":\n  - openverse: 1 photo could not' in result.stderr
    assert "--resume, later or with another --engine, such as wikimedia\n" in result.stderr


def run_without(library: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `pipeline scrape` in a process that can't import a library."""
    code = f"import sys; sys.modules[{library!r}] = None; from pipeline.cli.app import main; main()"
    command = [sys.executable, "-c", code, "scrape", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_openverse_is_asked_without_selenium(web: Web, tmp_path: Path) -> None:
    """It needs no browser."""
    result = run_without("selenium", options(web, tmp_path))
    assert result.returncode == 0, result.stderr
    assert check_whole(tmp_path / "images") == {"garza": 4, "buitre": 4}


@pytest.mark.parametrize(("library", "engine"), [("selenium", "bing"), ("filelock", "openverse")])
def test_a_missing_library_ends_with_6(web: Web, tmp_path: Path, library: str, engine: str) -> None:
    """The extra is named that brings it; nothing is written."""
    result = run_without(library, options(web, tmp_path, engine=engine))
    assert result.returncode == 6, result.stderr
    assert f"{library} is not installed, which --engine {engine} needs\n" in result.stderr
    assert "classifier-grader[pipeline,scrape]" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "images").exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--out out", "Missing option '--spec'"),
        ("--spec birds", "Missing option '--out'"),
        ("--spec birds --out out --engine altavista", "--engine"),
        ("--spec birds --out out --per-class 0", "--per-class"),
        ("--spec birds --out out --rate 0", "--rate"),
        ("--spec birds --out out --licence cc --engine google", "google doesn't say which licence"),
        (
            "--spec birds --out out --licence cc --engine openverse --engine bing",
            "bing doesn't say which licence",
        ),
        ("--spec birds --out out --allow-private-host nas", "write HOST:PORT"),
        ("--spec birds --out out --allow-private-host http://nas:80", "write HOST:PORT"),
        ("--spec birds --out out --base-url openverse", "write ENGINE=URL"),
        ("--spec birds --out out --base-url x=http://a.example", "write ENGINE=URL"),
        ("--spec birds --out out --base-url bing=ftp://a.example", "write ENGINE=URL"),
        ("--spec birds --out out --contact Díaz", "plain ASCII"),
        ("--spec birds --out out --openverse-key ana", "write CLIENT_ID:CLIENT_SECRET"),
    ],
)
def test_wrong_usage_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, part: str
) -> None:
    """The option at fault is named; nothing is written or asked."""
    monkeypatch.chdir(tmp_path)
    result = run(*shlex.split(arguments))
    assert result.exit_code == 2, result.output
    assert (part in result.stderr, result.stdout) == (True, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--spec nonsense --out out", "nonsense"),
        ("--spec birds --out taken", "already exists and is not an empty folder"),
        ("--spec birds --out begun", "pass --resume to continue it"),
        ("--spec birds --out taken --resume", "the folder holds files, but no scrape"),
    ],
)
def test_bad_input_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, part: str
) -> None:
    """The message says what is wrong and where; nobody is asked."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "begun" / ".scrape").mkdir(parents=True)
    (tmp_path / "taken" / "thesis.txt").touch()
    result = run(*shlex.split(arguments))
    assert result.exit_code == 3, result.output
    assert (part in result.stderr, result.stdout) == (True, "")

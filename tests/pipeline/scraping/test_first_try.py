"""What stood in the way of a first scrape: limits, captchas, silence, no network."""

import itertools
import re
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import scrape as command
from pipeline.cli.app import app
from pipeline.errors import MachineError
from pipeline.progress import Tick
from pipeline.scraping.browser import Browser, Patience
from pipeline.scraping.candidates import EngineEndedError, is_thumbnail
from pipeline.scraping.pacing import Pacer, system_clock
from pipeline.scraping.running import scrape
from pipeline.scraping.settings import AUTO, EngineName, OpenverseKey
from tests.pipeline.drawing import silent
from tests.pipeline.scraping.checking import check_whole, manifest_rows
from tests.pipeline.scraping.factories import NEEDS_BROWSER, make_settings, write_spec
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import photos

DAY_S = 50_000
USED_UP = (
    "Openverse takes no more requests from this internet address for 13 h 54 min; wait, or get a "
    "key of your own for --openverse-key"
)
KEY = OpenverseKey(client_id="ana", client_secret="secret")  # noqa: S106 - our web's


@NEEDS_BROWSER
def test_a_used_up_limit_and_a_captcha_are_no_end_where_all_are_asked(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Openverse's day is used up, Google shows a captcha: the photos come from the others."""
    # On our web all engines are one host, which would be left alone as a whole.
    monkeypatch.setattr(Pacer, "hold", lambda *_: None)
    web.google, web.openverse_busy = "captcha", [DAY_S]
    web.results = {"heron": photos("heron", 3)}
    lines: list[str] = []
    scrape(make_settings(web, *AUTO, per_class=5), tmp_path / "images", lines.append)
    assert check_whole(tmp_path / "images") == {"garza": 3}
    assert {one.engine for one in manifest_rows(tmp_path / "images")} == {"wikimedia"}
    said = [line for line in lines if not isinstance(line, Tick)]
    assert said[:3] == [
        "garza: asking openverse ...",
        f"openverse is left out from here on: {USED_UP}",
        "garza: asking wikimedia for 5 more, which openverse didn't bring ...",
    ]
    assert "garza: asking google for 2 more, which wikimedia didn't bring ..." in said


def test_a_minutes_limit_sets_the_pace_before_it_is_used_up(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty requests a minute are one in three seconds, as the server's header says."""
    paces: list[float] = []
    monkeypatch.setattr(
        "pipeline.scraping.pacing.Pacer.pace", lambda _, __, interval_s: paces.append(interval_s)
    )
    web.openverse_headers = {"X-RateLimit-Limit-anon_burst": "20/min"}
    scrape(make_settings(web, per_class=1), tmp_path / "images", silent)
    assert max(paces) == 3.0


def test_a_busy_server_is_waited_for_in_words(web: Web, tmp_path: Path) -> None:
    """The line says who asked for it and when it is over; nothing is silent for over 2 s."""
    web.openverse_busy = [3]
    heard = [time.monotonic()]
    lines: list[str] = []

    def listen(line: str) -> None:
        heard.append(time.monotonic())
        lines.append(line)

    scrape(make_settings(web, per_class=2), tmp_path / "images", listen)
    assert check_whole(tmp_path / "images") == {"garza": 2}
    assert any(re.search(r"asks to wait for 3 s: going on at \d\d:\d\d:\d\d", x) for x in lines)
    gaps = [after - before for before, after in itertools.pairwise(heard)]
    assert max(gaps) <= 2.0


def test_a_key_is_exchanged_once_and_shown_with_every_search(web: Web, tmp_path: Path) -> None:
    """Openverse then counts the requests of the key, not those of the campus."""
    scrape(make_settings(web, openverse_key=KEY), tmp_path / "images", silent)
    assert web.authorizations == {"Bearer a-token"}
    assert web.requests["/v1/images/"] == 2
    assert "secret" not in repr(KEY)


def test_a_wrong_key_is_told_as_such(web: Web, tmp_path: Path) -> None:
    """It is not a fault of the connection."""
    settings = make_settings(web, openverse_key=replace(KEY, client_id="bob"))
    summary = scrape(settings, tmp_path / "images", silent)
    assert "doesn't accept the key of --openverse-key" in summary.ended["openverse"]


@NEEDS_BROWSER
def test_a_person_at_the_window_can_answer_a_captcha(web: Web) -> None:
    """The search then goes on; a line says what to do and until when."""
    web.google = "answered"
    lines: list[str] = []
    pacer = Pacer(interval_s=0.0, clock=system_clock(threading.Event()))
    patience = Patience(page_s=20.0, growth_s=1.0, person_s=20.0)
    with closing(Browser(pacer, patience, lines.append)) as browser, browser.tab() as tab:
        tab.open(f"{web.www}/search?q=heron")
        assert "sorry" not in tab.html()
    (line,) = lines
    assert re.search(r"answer it in Chromium's window.*left out at \d\d:\d\d:\d\d", line)


@pytest.mark.parametrize("has_window", [True, False])
def test_chromium_is_headless_only_without_a_window(
    monkeypatch: pytest.MonkeyPatch, *, has_window: bool
) -> None:
    """A headless browser meets a captcha more often."""
    asked: list[str] = []

    def start(*, options: Any, service: Any) -> None:
        del service
        asked.extend(options.arguments)
        raise OSError("enough seen")

    monkeypatch.setattr("pipeline.scraping.browser.Chrome", start)
    pacer = Pacer(interval_s=0.0, clock=system_clock(threading.Event()))
    browser = Browser(pacer, Patience(page_s=1, growth_s=1), silent, has_window=has_window)
    with (
        closing(browser),
        pytest.raises(EngineEndedError, match="enough seen"),
        browser.tab(),
    ):
        pass
    assert ("--headless" in asked) is not has_window


@pytest.mark.parametrize(
    ("variable", "arguments", "has_window"),
    [
        ("DISPLAY", [], True),
        ("WAYLAND_DISPLAY", [], True),
        (None, [], False),
        ("DISPLAY", ["--headless"], False),
        (None, ["--window"], True),
    ],
)
def test_there_is_a_window_where_there_is_a_display(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    arguments: list[str],
    *,
    has_window: bool,
) -> None:
    """Unless the user says otherwise."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if variable is not None:
        monkeypatch.setenv(variable, ":0")
    monkeypatch.setattr(sys, "platform", "linux")
    seen = seen_settings(tmp_path, monkeypatch, arguments)
    assert seen.network.has_window is has_window


def seen_settings(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> Any:
    """What a scrape with these options is asked to do; it isn't run."""
    seen: list[Any] = []

    def remember(settings: Any, *_: object, **__: object) -> None:
        seen.append(settings)
        raise MachineError(what="Enough seen", where="here", advice="go on")

    monkeypatch.setattr("pipeline.scraping.running.scrape", remember)
    spec = write_spec(folder / "spec.toml", garza=("heron",), otra=("nothing",))
    options = ["scrape", "--spec", str(spec), "--out", str(folder / "images"), *arguments]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 6, result.output
    return seen[0]


def test_all_engines_are_asked_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --licence cc, those that name licences; without Chromium, those that need none."""
    monkeypatch.setattr(command, "_has_browser", lambda: True)
    assert seen_settings(tmp_path, monkeypatch, []).engines == AUTO
    open_ones = (EngineName.OPENVERSE, EngineName.WIKIMEDIA)
    assert seen_settings(tmp_path, monkeypatch, ["--licence", "cc"]).engines == open_ones
    monkeypatch.setattr(command, "_has_browser", lambda: False)
    assert seen_settings(tmp_path, monkeypatch, []).engines == open_ones


def test_the_key_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it needn't be in the shell's history."""
    monkeypatch.setenv("OPENVERSE_KEY", "ana:secret")
    seen = seen_settings(tmp_path, monkeypatch, [])
    assert seen.openverse_key == KEY


def test_without_a_connection_one_sentence_says_so(tmp_path: Path) -> None:
    """Nothing is left behind that would ask for --resume."""
    spec = write_spec(tmp_path / "spec.toml", garza=("heron",), otra=("nothing",))
    out = tmp_path / "images"
    options = f"scrape --spec {spec} --out {out} --engine openverse --engine wikimedia"
    nowhere = "--base-url openverse=http://a.invalid --base-url wikimedia=http://b.invalid"
    result = CliRunner().invoke(app, f"{options} {nowhere}".split())
    assert result.exit_code == 6, result.output
    assert "There is no internet connection" in result.stderr
    assert not out.exists()


def test_wikimedia_without_a_contact_gets_a_hint(web: Web, tmp_path: Path) -> None:
    """With one, the request says whom to write to."""
    spec = write_spec(tmp_path / "spec.toml", garza=("heron",), otra=("nothing",))
    options = f"scrape --spec {spec} --engine wikimedia --per-class 1 --rate 100".split()
    options += ["--allow-private-host", web.allowed, "--base-url", f"wikimedia={web.host}"]
    bare = CliRunner().invoke(app, [*options, "--out", str(tmp_path / "bare")])
    assert "--contact you@school.example tells it" in bare.stderr
    told = ["--contact", "ana@school.example", "--out", str(tmp_path / "told")]
    assert "tells it" not in CliRunner().invoke(app, [*options, *told]).stderr
    assert any("ana@school.example" in agent for agent in web.agents)


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        ("data:;sha256=ab", True),
        ("https://encrypted-tbn0.gstatic.com/images?q=tbn:x", True),
        ("https://tse1.mm.bing.net/th?id=x", True),
        ("https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/x.jpg/960px-x.jpg", True),
        ("https://upload.wikimedia.org/wikipedia/commons/a/ab/x.jpg", False),
        ("https://photos.example/thumb/1.jpg", False),
    ],
)
def test_a_thumbnail_of_a_larger_photo_is_told_by_its_address(key: str, *, is_one: bool) -> None:
    """The table counts them; a small copy teaches a network less than the original."""
    assert is_thumbnail(key) is is_one

"""A real Chromium, and what happens where there is none or it fails."""

import tempfile
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.scraping.browser import Browser, Patience
from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.pacing import Pacer, system_clock
from tests.pipeline.drawing import silent
from tests.pipeline.scraping.factories import NEEDS_BROWSER, FakeTime
from tests.pipeline.scraping.web.server import Web

PATIENCE = Patience(page_s=20.0, growth_s=1.0)


@NEEDS_BROWSER
def test_it_says_that_it_is_a_program(web: Web, browser: Browser) -> None:
    """Chromium's own words, which name it headless."""
    with browser.tab() as tab:
        tab.open(f"{web.www}/search?q=heron")
    assert any("HeadlessChrome" in agent for agent in web.agents)


@NEEDS_BROWSER
def test_pages_are_opened_at_the_pace_of_their_host(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everything else is; and nothing of the browser's files is left behind."""
    time = FakeTime()
    # Chromium puts a socket there, so the folder's path must be short.
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        with closing(Browser(Pacer(interval_s=3.0, clock=time.clock), PATIENCE, silent)) as running:
            with running.tab() as tab:
                tab.open(f"{web.www}/search?q=heron")
                tab.open(f"{web.www}/search?q=heron")
            assert list(Path(folder).iterdir())
        assert list(Path(folder).iterdir()) == []
    assert time.waits == [3.0]


def test_a_browser_that_was_never_needed_is_never_started() -> None:
    """Closing it is not an error."""
    Browser(Pacer(interval_s=0, clock=FakeTime().clock), PATIENCE, silent).close()


@NEEDS_BROWSER
def test_a_page_that_does_not_load_ends_the_engine(web: Web) -> None:
    """After the time that one request may take."""
    pacer = Pacer(interval_s=0.0, clock=system_clock(threading.Event()))
    patience = Patience(page_s=1.0, growth_s=1.0)
    with (
        closing(Browser(pacer, patience, silent)) as running,
        running.tab() as tab,
        pytest.raises(EngineEndedError, match="the browser failed: timeout"),
    ):
        tab.open(f"{web.www}/silence")


@NEEDS_BROWSER
def test_a_host_that_asks_for_much_patience_ends_the_engine(web: Web) -> None:
    """One of its photos was answered so; no page of it is opened."""
    pacer = Pacer(interval_s=0.0, clock=FakeTime().clock)
    with closing(Browser(pacer, PATIENCE, silent)) as running, running.tab() as tab:
        pacer.hold(urlsplit(web.www).netloc, 500.0)
        with pytest.raises(EngineEndedError, match=r"www\.localhost:\d+ asks to wait for 9 min"):
            tab.open(f"{web.www}/search?q=heron")
    assert web.requests.total() == 0


@NEEDS_BROWSER
def test_a_consent_page_without_a_form_ends_the_engine(web: Web, browser: Browser) -> None:
    """It can't be answered."""
    with (
        browser.tab() as tab,
        pytest.raises(EngineEndedError, match="no form that can be answered"),
    ):
        tab.open(f"{web.www}/search?q=heron", consent_host="www.localhost")


def test_without_a_browser_the_engine_ends_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both programs are there, and neither runs."""
    for name in ("chromium", "chromedriver"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 1\n", "utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    pacer = Pacer(interval_s=0, clock=FakeTime().clock)
    with (
        closing(Browser(pacer, PATIENCE, silent)) as running,
        pytest.raises(EngineEndedError, match=r"Chromium can't be started .*--engine openverse"),
        running.tab(),
    ):
        pass

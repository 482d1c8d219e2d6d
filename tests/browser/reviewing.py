"""The command pipeline clean as a process, and its page in a browser."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from pipeline.cleaning.quarantine.planning import Trees
from tests.browser.pages import Pages

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Served:
    """A review that a process serves."""

    process: "subprocess.Popen[str]"
    address: str

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> str:
        """Press Ctrl-C; returns what the process says as it ends."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=30)[1]


@contextmanager
def served(trees: Trees, *options: str) -> Iterator[Served]:
    """The running command; it always ends with the block."""
    command = [sys.executable, "-m", "pipeline", "clean", str(trees.images), "--no-browser"]
    process = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise AssertionError(process.communicate()[1])
        yield Served(process, address)
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The page in a browser."""

    pages: Pages

    def open(self, address: str) -> None:
        """Open it, and wait for its cards."""
        self.pages.browser.get(address)
        self.pages.wait(lambda: self.pages.find_all(".card"))

    def show_all(self, n_cards: int) -> None:
        """Make the window tall enough that every card is drawn."""
        self.pages.look(dark=False, width_px=1280, height_px=3000)
        self.pages.wait(lambda: len(self.pages.find_all(".card")) == n_cards)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        ActionChains(self.pages.browser).send_keys(*keys).perform()

    def press_with_shift(self, *keys: str) -> None:
        """Press keys while Shift is held."""
        chain = ActionChains(self.pages.browser).key_down(Keys.SHIFT)
        chain.send_keys(*keys).key_up(Keys.SHIFT).perform()

    def names(self) -> list[str]:
        """The names on all cards that are drawn, in their order."""
        names: list[str] = self.pages.run(
            "return [...document.querySelectorAll('.card')]"
            ".toSorted((one, other) => one.ariaPosInSet - other.ariaPosInSet)"
            ".map(card => card.querySelector('.name').title)"
        )
        return names

    def wait_for_names(self, *names: str) -> None:
        """Wait until exactly these cards are drawn."""
        with contextlib.suppress(TimeoutException):
            self.pages.wait(lambda: self.names() == [*names])
        assert self.names() == [*names]

    def active(self) -> str:
        """The name on the card that the keys are about."""
        name: str = self.pages.run("return document.querySelector('.card.active .name').title")
        return name

    def stamps(self) -> dict[str, str]:
        """The stamps on cards, by name; those without a decision are left out."""
        script = (
            "return [...document.querySelectorAll('.card')].map(card => "
            "[card.querySelector('.name').title, card.querySelector('.stamp').textContent])"
        )
        return {name: stamp for name, stamp in self.pages.run(script) if stamp}

    def wait_for(self, stamps: dict[str, str]) -> None:
        """Wait until exactly these stamps are seen."""
        with contextlib.suppress(TimeoutException):
            self.pages.wait(lambda: self.stamps() == stamps)
        assert self.stamps() == stamps

    def said(self) -> str:
        """What a screen reader was told last."""
        text: str = self.pages.run("return document.getElementById('said').textContent")
        return text

    def addresses(self) -> set[str]:
        """Everything that was requested since the logs were cleared."""
        browser: Any = self.pages.browser  # Selenium's own types leave this one out
        messages = (json.loads(one["message"])["message"] for one in browser.get_log("performance"))
        return {
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }

    def wait_for_pictures(self) -> None:
        """Wait until every image that is drawn is loaded."""
        script = (
            "const all = [...document.querySelectorAll('.card img')];"
            "return all.length > 0 && all.every(image => image.naturalWidth > 0)"
        )
        self.pages.wait(lambda: self.pages.run(script))
        time.sleep(0.05)  # for the last of them to be painted

"""What tests need of a page in Chromium beyond what Selenium offers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from axe_selenium_python import Axe
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")
TIMEOUT_S = 10
# Levels A and AA, by the tags that the bundled axe-core knows.
LEVELS = ("wcag2a", "wcag2aa", "wcag21aa")


@dataclass(frozen=True, slots=True)
class Pages:
    """One browser, and what was seen in it."""

    browser: Chrome

    def look(self, *, dark: bool, width_px: int, height_px: int = 900, media: str = "") -> None:
        """Set the preferred colour scheme, the window size, and screen or print."""
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},  # clicks needn't wait
        ]
        self._tell("Emulation.setEmulatedMedia", media=media, features=features)
        size = {"width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": False}
        self._tell("Emulation.setDeviceMetricsOverride", **size)

    def open(self, path: Path) -> None:
        """Open a file, and wait until it is loaded."""
        self.browser.get(path.as_uri())

    def show(self, text: str, folder: Path, name: str = "page.html") -> Path:
        """Write a page into a folder and open it."""
        path = folder / name
        path.write_text(text, "utf-8")
        self.open(path)
        return path

    def find(self, selector: str) -> WebElement:
        """The first element that a CSS selector matches."""
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        """All elements that a CSS selector matches, in order."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        """Their texts as they can be seen."""
        return [element.text for element in self.find_all(selector)]

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns."""
        return self.browser.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], T]) -> T:
        """What the condition returns as soon as it is true; an error after ten seconds."""
        return WebDriverWait(self.browser, TIMEOUT_S).until(lambda _: condition())

    def forget_logs(self) -> None:
        """Forget the logs so far."""
        self._log("browser")
        self._log("performance")

    def complaints(self) -> list[str]:
        """Everything on the console since the last time, errors and warnings too."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self, page: Path) -> list[str]:
        """Addresses requested since the last time, except the page and the data in it."""
        messages = (json.loads(entry["message"])["message"] for entry in self._log("performance"))
        asked = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        assert page.as_uri() in asked, "the log of requests must have seen the page itself"
        own = (page.as_uri(), "data:")
        return [address for address in asked if not address.startswith(own)]

    def violations(self) -> list[str]:
        """What axe-core finds wrong: each rule with the elements that break it."""
        axe = Axe(self.browser)
        axe.inject()
        rules = {"runOnly": {"type": "tag", "values": list(LEVELS)}}
        found = axe.run(options=rules)
        assert found["passes"], "axe must have checked something"
        return [
            f"{rule['id']}: {[node['html'] for node in rule['nodes'][:3]]}"
            for rule in found["violations"]
        ]

    def allow_scripts(self, *, allowed: bool) -> None:
        """Allow or block the scripts of pages opened from now on."""
        self._tell("Emulation.setScriptExecutionDisabled", value=not allowed)

    def _log(self, kind: str) -> list[dict[str, Any]]:
        browser: Any = self.browser  # Selenium's own types leave this one out
        entries: list[dict[str, Any]] = browser.get_log(kind)
        return entries

    def _tell(self, command: str, **arguments: object) -> None:
        self.browser.execute_cdp_cmd(command, arguments)

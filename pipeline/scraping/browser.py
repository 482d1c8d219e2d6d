"""A real Chromium, driven by Selenium: opens pages, scrolls, and stops where it should.

It says that it is headless, answers a consent page with "reject all", and never works around a
captcha; if it shows its window, a person may answer one there.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from selenium.common.exceptions import NoSuchElementException, TimeoutException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed
from urllib3.exceptions import HTTPError

from pipeline.progress import Report
from pipeline.scraping.candidates import EngineEndedError
from pipeline.scraping.pacing import Pacer
from pipeline.scraping.refusals import RefusedError

_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1600",
)
_CAPTCHA = 'form[id*="captcha"], iframe[src*="captcha"], iframe[src*="challenge"], [data-sitekey]'
# Google's consent page has a form for each answer; the one that rejects is the simplest.
_REJECTING = (
    'form[action*="/save"]:has(input[name="set_eom"][value="true"]) button',
    'form[action*="/save"] button',
)
_STATUS = "return performance.getEntriesByType('navigation')[0]?.responseStatus"
_POLL_S = 0.1
_REMOVING_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the browser waits.

    Attributes:
        page_s: Seconds for a page to load.
        growth_s: Seconds for something new to appear after scrolling to the end.
        person_s: Seconds for a person to answer a captcha in the window; 0 where nobody sees it.
    """

    page_s: float
    growth_s: float
    person_s: float = 0.0


class Tab:
    """One tab of the browser, in which one search runs."""

    def __init__(self, driver: Chrome, pacer: Pacer, patience: Patience, report: Report) -> None:
        driver.switch_to.new_window("tab")
        self._driver = driver
        self._pacer = pacer
        self._patience = patience
        self._report = report
        self._handle = driver.current_window_handle

    def open(self, url: str, *, consent_host: str | None = None) -> None:
        """Load a page when it is its host's turn, and reject what a consent page asks for.

        Raises:
            EngineEndedError: If a captcha or a refusal comes instead, or the host asked for
                a longer wait than a run allows.
        """
        with self._driven():
            self._pacer.wait(urlsplit(url).netloc)
            # Set for pages alone: starting Chromium and opening a tab may take their time.
            self._driver.set_page_load_timeout(self._patience.page_s)
            self._driver.get(url)
            if consent_host is not None and self._host() == consent_host:
                self._reject_all(consent_host)
            self._check_welcome()

    def html(self) -> str:
        """The page as it is now, with what its scripts added."""
        with self._driven():
            return self._driver.page_source

    def scroll(self, selector: str, *, until: int) -> bool:
        """Scroll to the end again and again, until there are that many elements.

        Returns:
            True once there are; False if nothing new appeared any more.
        """
        with self._driven():
            count = self._count(selector)
            while count < until:
                self._driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
                before, count = count, self._grown_count(selector, beyond=count)
                self._check_welcome()
                if count == before:
                    return False
            return True

    def close(self) -> None:
        """Close the tab, if the browser is still there."""
        with suppress(WebDriverException, HTTPError):
            self._driver.switch_to.window(self._handle)
            self._driver.close()
            self._driver.switch_to.window(self._driver.window_handles[0])

    def _reject_all(self, consent_host: str) -> None:
        for selector in _REJECTING:
            with suppress(NoSuchElementException):
                self._driver.find_element(By.CSS_SELECTOR, selector).click()
                self._wait(self._patience.page_s).until(
                    lambda _: self._host() != consent_host and self._is_loaded()
                )
                return
        raise EngineEndedError("the consent page has no form that can be answered")

    def _check_welcome(self) -> None:
        if self._is_captcha() and not self._is_answered_by_a_person():
            raise EngineEndedError(f"{self._host()} shows a captcha, which is not evaded")
        status = self._status()
        if status >= HTTPStatus.BAD_REQUEST:
            raise EngineEndedError(f"{self._host()} answered HTTP {status}")

    def _is_captcha(self) -> bool:
        path = urlsplit(self._driver.current_url).path
        is_one = bool(self._driver.find_elements(By.CSS_SELECTOR, _CAPTCHA))
        return path.startswith("/sorry") or is_one

    def _is_answered_by_a_person(self) -> bool:
        """Whether somebody at the window answers the captcha in time."""
        if not self._patience.person_s:
            return False
        end = datetime.now().astimezone() + timedelta(seconds=self._patience.person_s)
        self._report(
            f"{self._host()} shows a captcha: answer it in Chromium's window. Without an answer "
            f"this engine is left out at {end:%H:%M:%S}"
        )
        with suppress(TimeoutException):
            self._wait(self._patience.person_s).until(lambda _: not self._is_captcha())
        return not self._is_captcha()

    def _grown_count(self, selector: str, *, beyond: int) -> int:
        """How many elements there are, once there are more or the wait for that was in vain."""
        with suppress(TimeoutException):
            self._wait(self._patience.growth_s).until(lambda _: self._count(selector) > beyond)
        return self._count(selector)

    def _count(self, selector: str) -> int:
        return len(self._driver.find_elements(By.CSS_SELECTOR, selector))

    def _is_loaded(self) -> bool:
        return bool(self._driver.execute_script("return document.readyState !== 'loading'"))

    def _status(self) -> int:
        """The HTTP status of the page; 0 where Chromium doesn't know it."""
        return int(self._driver.execute_script(_STATUS) or 0)

    def _host(self) -> str:
        return urlsplit(self._driver.current_url).hostname or ""

    def _wait(self, seconds: float) -> WebDriverWait[Chrome]:
        return WebDriverWait(self._driver, seconds, poll_frequency=_POLL_S)

    @contextmanager
    def _driven(self) -> Iterator[None]:
        """Work in this tab; any failure of the browser ends the engine."""
        try:
            self._driver.switch_to.window(self._handle)
            yield
        except RefusedError as error:
            raise EngineEndedError(error.detail) from error
        except (WebDriverException, HTTPError) as error:
            raise EngineEndedError(f"the browser failed: {_first_line(error)}") from error


class Browser:
    """Starts Chromium when the first tab is opened."""

    def __init__(
        self, pacer: Pacer, patience: Patience, report: Report, *, has_window: bool = False
    ) -> None:
        self._pacer = pacer
        self._patience = patience
        self._report = report
        self._has_window = has_window
        self._profile: Path | None = None
        self._driver: Chrome | None = None

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        """A new tab, closed when the block ends.

        Raises:
            EngineEndedError: If there is no browser.
        """
        tab = self._new_tab()
        try:
            yield tab
        finally:
            tab.close()

    def close(self) -> None:
        """End Chromium, and remove what it wrote."""
        if self._driver is not None:
            with suppress(WebDriverException, HTTPError, OSError):
                self._driver.quit()
        if self._profile is not None:
            # An interrupted browser goes on writing for a moment.
            removing = Retrying(
                stop=stop_after_delay(_REMOVING_S),
                wait=wait_fixed(_POLL_S),
                retry=retry_if_result(lambda is_gone: not is_gone),
                retry_error_callback=lambda _: None,
            )
            removing(_remove, self._profile)

    def _new_tab(self) -> Tab:
        try:
            if self._driver is None:
                self._driver = self._start()
            return Tab(self._driver, self._pacer, self._patience, self._report)
        except (WebDriverException, HTTPError, OSError) as error:
            raise EngineEndedError(
                f"Chromium can't be started or used ({_first_line(error)}); install Chromium and "
                "ChromeDriver of the same version, or use --engine openverse, which needs no "
                "browser"
            ) from error

    def _start(self) -> Chrome:
        self._profile = self._profile or Path(tempfile.mkdtemp(prefix="scrape-"))
        options = ChromeOptions()
        for argument in (*_ARGUMENTS, f"--user-data-dir={self._profile}"):
            options.add_argument(argument)
        if not self._has_window:
            options.add_argument("--headless")
        if _is_root():
            options.add_argument("--no-sandbox")  # Chromium doesn't start as root with it.
        # By then the page's scripts have run; its pictures aren't needed.
        options.page_load_strategy = "eager"
        binary = installed_browser()
        if binary is not None:
            options.binary_location = binary
        return Chrome(options=options, service=ChromeService(_first_of("chromedriver")))


def installed_browser() -> str | None:
    """The program that is started as Chromium; None where Selenium has to search for it."""
    return _first_of("chromium", "chromium-browser", "google-chrome")


def _first_of(*names: str) -> str | None:
    """The first of these programs that is installed; if none is, Selenium searches itself."""
    return next((path for name in names if (path := shutil.which(name))), None)


def _remove(folder: Path) -> bool:
    """Remove a folder; whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _first_line(error: Exception) -> str:
    text = (error.msg if isinstance(error, WebDriverException) else None) or str(error)
    return text.strip().split("\n")[0] or type(error).__name__

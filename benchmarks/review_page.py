"""How long the review page takes with many photos: to its first paint, and for one decision.

`python -m benchmarks.review_page [--photos 5000] [--decisions 200] [--runs 3]`. Every run has a
cold cache of thumbnails. Both times are Chromium's own: from requesting the page to its first
paint, and from pressing a key until the result is painted, with the journal's entry on the disk in
between.
"""

import argparse
import math
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import default_quarantine
from tests.browser.conftest import ARGUMENTS
from tests.browser.pages import Pages
from tests.browser.reviewing import ReviewPage, served
from tests.pipeline.cleaning.review.drawn import finding, keep

LIMIT_PAINT_MS = 1000.0
LIMIT_DECISION_MS = 50.0
LABELS = ("grebe", "heron", "stork", "tern", "wren")
_TIMEOUT_S = 60
# Polling the browser more often would take time away from the page.
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One run with a cold cache.

    Attributes:
        paint_ms: To the first paint.
        grid_ms: Until the first cards are in the page.
        pictures_ms: Until all visible pictures are loaded.
        decisions_ms: Each from the key to the paint.
        load: Processes that wanted to run, on average over the last minute.
    """

    paint_ms: float
    grid_ms: float
    pictures_ms: float
    decisions_ms: tuple[float, ...]
    load: float

    def decision_ms(self, share: float) -> float:
        """The longest time that this share of the decisions took."""
        return sorted(self.decisions_ms)[math.ceil(share * len(self.decisions_ms)) - 1]


def draw_photos(images: Path, *, n_photos: int) -> None:
    """Write distinct JPEGs of 640 x 480 pixels, about as large as photos from the web."""
    random = np.random.default_rng(5)
    for label in LABELS:
        (images / label).mkdir(parents=True)
    for number in range(n_photos):
        coarse = random.integers(0, 255, (30, 40, 3)).astype("uint8")
        photo = Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC)
        photo.save(images / LABELS[number % len(LABELS)] / f"{number:05}.jpg", quality=85)


def prepare(trees: Trees) -> None:
    """Keep an audit in which one photo in five has a finding."""
    names = sorted(f"{path.parent.name}/{path.name}" for path in trees.images.glob("*/*"))
    copies = names[::10]
    pairs = zip(copies[::2], copies[1::2], strict=True)
    findings = [finding("near_duplicate", *pair) for pair in pairs]
    findings += (finding("label", name, score=0.9) for name in names[1::10])
    shutil.rmtree(trees.quarantine, ignore_errors=True)
    keep(trees, findings)


def time_page(trees: Trees, *, n_decisions: int) -> Timing:
    """Open the page in a fresh browser, and decide about one photo after another."""
    with served(trees) as running, chromium() as browser:
        page = ReviewPage(Pages(browser))
        page.pages.look(dark=False, width_px=1400)
        page.open(running.address)
        start = _milliseconds(page, "performance.getEntriesByName('grid')[0].startTime")
        page.wait_for_pictures()
        pictures = _milliseconds(page, "performance.now()")
        for number in range(n_decisions):
            page.press("krk"[number % 3])
            _wait_for_decisions(page, number + 1)
        script = "performance.getEntriesByName('decision').map(one => one.duration)"
        return Timing(
            paint_ms=_milliseconds(
                page, "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            ),
            grid_ms=start,
            pictures_ms=pictures,
            decisions_ms=tuple(page.pages.run(f"return {script}")),
            load=os.getloadavg()[0],
        )


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A headless Chromium with nothing in its caches."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ARGUMENTS:
        options.add_argument(argument)
    with webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver"))) as found:
        yield found


def show(timings: list[Timing]) -> None:
    """Print the timings and the machine they were taken on."""
    table = Table("first paint", "cards", "pictures", "decision: median", "95 %", "slowest", "load")
    for one in timings:
        decisions = (one.decision_ms(share) for share in (0.5, 0.95, 1.0))
        times = one.paint_ms, one.grid_ms, one.pictures_ms, *decisions
        table.add_row(*(f"{ms:.0f} ms" for ms in times), f"{one.load:.1f}")
    console = Console()
    console.print(table)
    console.print(
        f"{len(timings[0].decisions_ms)} decisions a run; {platform.system()}, Python "
        f"{platform.python_version()}, {os.cpu_count()} cores"
    )


def main() -> int:
    """Time and print; exit with 1 if the median run is over a limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=5000, help="how many there are")
    parser.add_argument("--decisions", type=int, default=200, help="how many are timed in a run")
    parser.add_argument("--runs", type=int, default=3, help="how often all is timed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        draw_photos(images, n_photos=arguments.photos)
        trees = Trees(images=images, quarantine=default_quarantine(images))
        timings = []
        for _ in range(arguments.runs):
            prepare(trees)
            timings.append(time_page(trees, n_decisions=arguments.decisions))
            _put_back(trees)
    show(timings)
    return int(not _is_within(timings))


def _is_within(timings: list[Timing]) -> bool:
    """Whether the median first paint, and the median of the runs' 95 %, are within the limits."""
    paint = statistics.median(one.paint_ms for one in timings)
    decision = statistics.median(one.decision_ms(0.95) for one in timings)
    return paint <= LIMIT_PAINT_MS and decision <= LIMIT_DECISION_MS


def _milliseconds(page: ReviewPage, script: str) -> float:
    return float(page.pages.run(f"return {script}"))


def _wait_for_decisions(page: ReviewPage, count: int) -> None:
    end = time.monotonic() + _TIMEOUT_S
    script = "return performance.getEntriesByName('decision').length"
    while page.pages.run(script) < count:
        if time.monotonic() > end:
            raise TimeoutError(page.pages.find("#alarm").text)
        time.sleep(_PAUSE_S)


def _put_back(trees: Trees) -> None:
    """Put the removed photos back by hand, so that the next run begins as this one did."""
    for path in trees.quarantine.glob("removed/*/*/*"):
        path.rename(trees.images / path.parent.name / path.name)


if __name__ == "__main__":
    sys.exit(main())

"""Builders of small values of a scrape, a clock that never waits, and what speaks to our web."""

import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hidden_test_spec.spec import ClassSpec, Spec
from pipeline.manifest import ManifestRow
from pipeline.scraping.candidates import Candidate, Found
from pipeline.scraping.connecting import Connector
from pipeline.scraping.fetching import Etiquette, Fetcher
from pipeline.scraping.pacing import Clock, Pacer
from pipeline.scraping.photos import FetchedPhoto
from pipeline.scraping.rows import PhotoLimits
from pipeline.scraping.settings import EngineName, Network, ScrapeSettings
from tests.factories import make_rubric
from tests.pipeline.scraping.web.server import Web

NEEDS_BROWSER = pytest.mark.skipif(
    shutil.which("chromium") is None or shutil.which("chromedriver") is None,
    reason="Chromium and ChromeDriver are not installed",
)
LIMITS = PhotoLimits(max_bytes=1_000_000, allowed_host=None, extensions=("jpg", "png"))
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(slots=True)
class FakeTime:
    """Time that passes only while somebody waits; `waits` are the seconds of each wait."""

    passed_s: float = 0.0
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def clock(self) -> Clock:
        """The time as the code wants it."""
        return Clock(
            monotonic=lambda: self.passed_s,
            now=lambda: START + timedelta(seconds=self.passed_s),
            sleep=self._sleep,
        )

    def _sleep(self, seconds: float) -> None:
        with self.lock:
            self.waits.append(seconds)
            self.passed_s += seconds


def make_record(**changes: Any) -> ManifestRow:
    """One row of a manifest."""
    values: dict[str, Any] = {
        "path": "garza/openverse_0001_abababababab.jpg",
        "label": "garza",
        "engine": "openverse",
        "query": "heron",
        "rank": 1,
        "image_url": "https://photos.example/1.jpg",
        "page_url": "https://photos.example/1",
        "title": "A heron",
        "licence": "CC BY 4.0",
        "licence_url": None,
        "creator": "Ana Díaz",
        "width_px": 160,
        "height_px": 120,
        "sha256": "ab" * 32,
        "phash": "cd" * 8,
        "downloaded_at": START,
    }
    return ManifestRow(**(values | changes))


def make_found(number: int = 1, *, label: str = "garza", url: str | None = None) -> Found:
    """A search result of this rank; its address says which one it is."""
    candidate = Candidate(
        image_url=url or f"https://photos.example/{number}.jpg", licence="CC0 1.0"
    )
    return Found(engine="openverse", label=label, query="heron", rank=number, candidate=candidate)


def make_photo(number: int = 1) -> FetchedPhoto:
    """Facts about a photo that doesn't exist; another number is another file."""
    return FetchedPhoto(
        ending="jpg", width_px=160, height_px=120, sha256=f"{number:064x}", phash="cd" * 8
    )


def make_spec(**queries: tuple[str, ...]) -> Spec:
    """A spec with these classes and their queries; a second class is added to a single one."""
    named = queries or {"garza": ("heron",)}
    if len(named) == 1:
        named = named | {"otra": ("nothing",)}
    return Spec(
        name="small",
        version="1.0.0",
        classes=tuple(ClassSpec(label=name, queries=found) for name, found in named.items()),
        rubric=make_rubric("accuracy >= 0.5"),
    )


def make_settings(web: Web, *engines: EngineName, **changes: Any) -> ScrapeSettings:
    """Settings whose every engine is on our web, in a hurry."""
    urls = dict.fromkeys(EngineName, web.host)
    urls[EngineName.GOOGLE] = urls[EngineName.BING] = web.www
    network = Network(rate=1000, timeout_s=5, allowed_host=web.allowed, growth_s=1.0)
    values: dict[str, Any] = {
        "spec": make_spec(),
        "per_class": 5,
        "engines": engines or (EngineName.OPENVERSE,),
        "network": network,
        "base_urls": urls,
    }
    return ScrapeSettings(**(values | changes))


def make_fetcher(web: Web, time: FakeTime, *, timeout_s: float = 5.0) -> Fetcher:
    """A fetcher that may ask our web, and whose time is its own."""
    return Fetcher(
        Connector(timeout_s=timeout_s),
        Pacer(interval_s=1.0, clock=time.clock),
        time.clock,
        Etiquette(allowed_host=web.allowed, contact=None),
    )


def write_spec(path: Path, **queries: tuple[str, ...]) -> Path:
    """Write a spec with these classes and queries as a file."""
    classes = "".join(
        f'[[classes]]\nlabel = "{label}"\nqueries = {list(found)}\n'
        for label, found in queries.items()
    )
    rubric = '[rubric]\ncriteria = [{ rule = "accuracy >= 0.5", points = 1 }]\n'
    path.write_text(f'name = "small"\nversion = "1.0.0"\n{classes}{rubric}', "utf-8")
    return path

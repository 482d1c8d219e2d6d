"""Filling one class folder."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hidden_test_spec.spec import ClassSpec
from pipeline.scraping.candidates import Candidate, EngineEndedError, SearchPage
from pipeline.scraping.collecting import Workshop, fill_class
from pipeline.scraping.pacing import system_clock
from pipeline.scraping.rows import PhotoRules
from pipeline.scraping.store import open_store
from tests.pipeline.drawing import silent
from tests.pipeline.scraping.factories import LIMITS, FakeTime, make_fetcher, make_settings
from tests.pipeline.scraping.web.server import Web
from tests.pipeline.scraping.web.world import Item, odd, photos

GARZA = ClassSpec(label="garza", queries=("heron",))


@dataclass(slots=True)
class Scripted:
    """An engine that knows these pages, and can be made to end after them."""

    web: Web
    contents: tuple[tuple[Item, ...], ...]
    ends: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    name: str = "scripted"

    def pages(self, query: str, start: str | None) -> Iterator[SearchPage]:
        """The pages from the one whose number is `start`."""
        self.asked.append((query, start))
        first = int(start or 0)
        for number, items in enumerate(self.contents[first:], start=first):
            is_last = number == len(self.contents) - 1 and not self.ends
            yield SearchPage(
                candidates=tuple(Candidate(image_url=self.web.host + one.path) for one in items),
                next_start=None if is_last else str(number + 1),
            )
        if self.ends:
            raise EngineEndedError("a captcha")


@contextmanager
def workshop(web: Web, root: Path, *, per_class: int) -> Iterator[Workshop]:
    """What collecting works with, on our web."""
    settings = make_settings(web, per_class=per_class)
    rules = PhotoRules(min_side_px=settings.min_side_px, only_free=False)
    with open_store(root, rules, LIMITS, resume=True) as store, ThreadPoolExecutor(4) as executor:
        yield Workshop(
            settings=settings,
            store=store,
            fetcher=make_fetcher(web, FakeTime()),
            executor=executor,
            clock=system_clock(threading.Event()),
            report=silent,
        )


def test_results_are_settled_in_their_order(web: Web, tmp_path: Path) -> None:
    """A slow photo is taken all the same, and not a later one in its place."""
    engine = Scripted(web, (odd("slow.jpg") + photos("heron", 8),))
    with workshop(web, tmp_path / "images", per_class=3) as shop:
        assert fill_class(GARZA, engine, shop) is None
        assert [one.rank for one in shop.store.records] == [1, 2, 3]
    assert sum(web.n_photo_requests().values()) == 3


def test_pages_are_asked_for_only_as_they_are_needed(web: Web, tmp_path: Path) -> None:
    """The first one has enough; the next run begins behind it."""
    engine = Scripted(web, (photos("heron", 4), photos("stork", 4)))
    with workshop(web, tmp_path / "images", per_class=3) as shop:
        fill_class(GARZA, engine, shop)
        assert len(shop.store.pages("scripted", "heron")) == 1
    with workshop(web, tmp_path / "images", per_class=6) as shop:
        fill_class(GARZA, engine, shop)
        assert shop.store.n_photos("garza") == 6
    assert engine.asked == [("heron", None), ("heron", "1")]


def test_a_search_that_was_read_to_its_end_is_not_made_again(web: Web, tmp_path: Path) -> None:
    """All of its results are known."""
    engine = Scripted(web, (photos("heron", 4),))
    for _ in range(2):
        with workshop(web, tmp_path / "images", per_class=9) as shop:
            assert fill_class(GARZA, engine, shop) is None
            assert shop.store.n_photos("garza") == 4
    assert engine.asked == [("heron", None)]


def test_a_search_that_ended_with_nothing_is_made_again_by_the_next_run(
    web: Web, tmp_path: Path
) -> None:
    """From the page that was empty: it may have been a blocked or a slow one."""
    for n_photos in (4, 7):
        engine = Scripted(web, (photos("heron", 4), photos("stork", n_photos - 4)))
        with workshop(web, tmp_path / "images", per_class=9) as shop:
            fill_class(GARZA, engine, shop)
            assert shop.store.n_photos("garza") == n_photos
            fill_class(GARZA, engine, shop)
    assert engine.asked == [("heron", "1")]


def test_what_an_engine_found_before_it_ended_is_taken(web: Web, tmp_path: Path) -> None:
    """The reason for its end is reported."""
    engine = Scripted(web, (photos("heron", 4),), ends=True)
    with workshop(web, tmp_path / "images", per_class=9) as shop:
        assert fill_class(GARZA, engine, shop) == "a captcha"
        assert shop.store.n_photos("garza") == 4


def test_a_class_that_is_full_asks_nobody(web: Web, tmp_path: Path) -> None:
    """It doesn't even search."""
    engine = Scripted(web, (photos("heron", 4),))
    for _ in range(2):
        with workshop(web, tmp_path / "images", per_class=4) as shop:
            fill_class(GARZA, engine, shop)
    assert engine.asked == [("heron", None)]

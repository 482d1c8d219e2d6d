"""Whole scrapes of our web: which photos a folder holds in the end, and what was asked for them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.progress import Tick
from pipeline.scraping.refusals import Reason
from pipeline.scraping.running import scrape
from pipeline.scraping.settings import EngineName, Licence
from tests.pipeline.drawing import silent
from tests.pipeline.scraping.checking import check_whole, manifest_rows
from tests.pipeline.scraping.factories import NEEDS_BROWSER, make_settings, make_spec
from tests.pipeline.scraping.web.photos import photo
from tests.pipeline.scraping.web.server import ODD, Web
from tests.pipeline.scraping.web.world import Item, odd, photos

QUICK = tuple(
    name for name in ODD if "busy" not in name and name not in {"cut.jpg", "drip.jpg", "slow.jpg"}
)
VULTURES = ("griffon vulture", "buitre leonado")


@pytest.mark.parametrize(
    "engine",
    [
        EngineName.OPENVERSE,
        EngineName.WIKIMEDIA,
        pytest.param(EngineName.BING, marks=NEEDS_BROWSER),
        pytest.param(EngineName.GOOGLE, marks=NEEDS_BROWSER),
    ],
)
def test_each_engine_fills_the_classes(web: Web, tmp_path: Path, engine: EngineName) -> None:
    """Exactly, with a row for every photo, and no photo asked for twice."""
    spec = make_spec(garza=("heron",), buitre=VULTURES)
    settings = make_settings(web, engine, spec=spec, per_class=9)
    summary = scrape(settings, tmp_path / "images", silent)
    assert check_whole(tmp_path / "images") == {"garza": 9, "buitre": 9}
    assert summary.n_photos == {"garza": 9, "buitre": 9}
    assert (summary.short, summary.ended) == ((), {})
    assert set(web.n_photo_requests().values()) == {1}
    assert sum(web.n_photo_requests().values()) == 18


def test_queries_of_a_class_take_turns(web: Web, tmp_path: Path) -> None:
    """So both languages are in the class, also where one alone would have filled it."""
    settings = make_settings(web, spec=make_spec(buitre=VULTURES), per_class=6)
    scrape(settings, tmp_path / "images", silent)
    records = manifest_rows(tmp_path / "images")
    assert [(one.query, one.rank) for one in records] == [
        (query, rank) for rank in (1, 2, 3) for query in VULTURES
    ]


def test_a_photo_that_two_queries_find_is_fetched_once(web: Web, tmp_path: Path) -> None:
    """It also has one row."""
    web.results = {"heron": photos("heron", 4), "garza real": photos("heron", 4)}
    settings = make_settings(web, spec=make_spec(garza=("heron", "garza real")), per_class=9)
    scrape(settings, tmp_path / "images", silent)
    assert check_whole(tmp_path / "images") == {"garza": 4}
    assert set(web.n_photo_requests().values()) == {1}


def test_a_photo_of_two_classes_is_fetched_once(web: Web, tmp_path: Path) -> None:
    """Both get it: which one is right is for a human to say."""
    spec = make_spec(garza=("heron",), otra=("heron",))
    scrape(make_settings(web, spec=spec, per_class=4), tmp_path / "images", silent)
    assert check_whole(tmp_path / "images") == {"garza": 4, "otra": 4}
    assert set(web.n_photo_requests().values()) == {1}


def test_odd_photos_are_refused_each_for_its_reason(web: Web, tmp_path: Path) -> None:
    """The honest ones among them come, with the ending of their content."""
    web.results = {"heron": odd(*QUICK)}
    summary = scrape(make_settings(web, per_class=99), tmp_path / "images", silent)
    assert check_whole(tmp_path / "images") == {"garza": 4}
    endings = {Path(one.path).suffix for one in manifest_rows(tmp_path / "images")}
    assert endings == {".jpg", ".png", ".webp"}
    assert dict(summary.counts[0].refused) == {
        Reason.TOO_LARGE: 3,
        Reason.BOMB: 1,
        Reason.BROKEN: 1,
        Reason.NO_IMAGE: 2,
        Reason.ROBOTS: 1,
        Reason.HTTP: 1,
        Reason.ADDRESS: 3,
        Reason.REDIRECTS: 1,
        Reason.PRIVATE: 1,
        Reason.DUPLICATE: 1,
        Reason.TOO_SMALL: 1,
    }
    assert summary.counts[0].n_found == len(QUICK)


def test_no_more_is_asked_for_than_needed(web: Web, tmp_path: Path) -> None:
    """The first good ones of the results are taken, however many are fetched at a time."""
    web.results = {"heron": odd("small.png", "page.jpg") + photos("heron", 30)}
    scrape(make_settings(web, per_class=3), tmp_path / "images", silent)
    ranks = [one.rank for one in manifest_rows(tmp_path / "images")]
    assert ranks == [3, 4, 5]
    assert sum(web.n_photo_requests().values()) == 5


@NEEDS_BROWSER
def test_the_next_engine_fills_up(web: Web, tmp_path: Path) -> None:
    """Where the first one shows a captcha it is left out, with the reason in the summary."""
    web.google = "captcha"
    lines: list[str] = []
    settings = make_settings(web, EngineName.GOOGLE, EngineName.WIKIMEDIA, per_class=4)
    summary = scrape(settings, tmp_path / "images", lines.append)
    assert check_whole(tmp_path / "images") == {"garza": 4}
    assert "captcha" in summary.ended["google"]
    assert {one.engine for one in manifest_rows(tmp_path / "images")} == {"wikimedia"}
    assert sum("google is left out from here on" in line for line in lines) == 1
    assert web.requests["/sorry/index"] == 1


def test_the_next_engine_takes_what_the_first_one_does_not_have(web: Web, tmp_path: Path) -> None:
    """A photo that both know is not fetched again."""
    web.results = {"heron": photos("heron", 4), "otra": ()}
    settings = make_settings(web, EngineName.OPENVERSE, EngineName.WIKIMEDIA, per_class=9)
    summary = scrape(settings, tmp_path / "images", silent)
    assert check_whole(tmp_path / "images") == {"garza": 4}
    assert [(one.engine, one.n_found, one.n_photos) for one in summary.counts] == [
        ("openverse", 4, 4),
        ("wikimedia", 4, 0),
    ]
    assert set(web.n_photo_requests().values()) == {1}


def test_only_free_photos_are_fetched_where_that_is_asked_for(web: Web, tmp_path: Path) -> None:
    """The others are not asked for; the row says licence and creator."""
    unfree = Item(path="/photo/unfree/1.jpg", title="x", licence="")
    web.results = {"heron": (unfree, *photos("heron", 3))}
    settings = make_settings(web, licence=Licence.CC, per_class=9)
    summary = scrape(settings, tmp_path / "images", silent)
    assert dict(summary.counts[0].refused) == {Reason.LICENCE: 1}
    assert web.requests["/photo/unfree/1.jpg"] == 0
    (record, *_) = manifest_rows(tmp_path / "images")
    assert (record.licence, record.creator) == ("CC BY-SA 4.0", "Ana Díaz")


def test_a_finished_scrape_asks_for_nothing_when_it_goes_on(web: Web, tmp_path: Path) -> None:
    """It doesn't even request a page of results."""
    settings = make_settings(web, per_class=4, spec=make_spec(a=("heron",), b=VULTURES))
    scrape(settings, tmp_path / "images", silent)
    before = web.requests.copy()
    summary = scrape(settings, tmp_path / "images", silent, resume=True)
    assert summary.n_photos == {"a": 4, "b": 4}
    assert web.requests == before


def test_a_scrape_can_go_on_to_more_photos(web: Web, tmp_path: Path) -> None:
    """The known page of results is used; what was fetched is not fetched again."""
    settings = make_settings(web, per_class=4)
    scrape(settings, tmp_path / "images", silent)
    scrape(replace(settings, per_class=7), tmp_path / "images", silent, resume=True)
    assert check_whole(tmp_path / "images") == {"garza": 7}
    assert set(web.n_photo_requests().values()) == {1}
    assert [one.rank for one in manifest_rows(tmp_path / "images")] == list(range(1, 8))


def test_a_scrape_can_go_on_to_larger_photos(web: Web, tmp_path: Path) -> None:
    """What was too large for the earlier limit is looked at again."""
    settings = make_settings(web, per_class=4)
    strict = replace(settings, network=replace(settings.network, max_bytes=500))
    assert scrape(strict, tmp_path / "images", silent).n_photos["garza"] == 0
    scrape(settings, tmp_path / "images", silent, resume=True)
    assert check_whole(tmp_path / "images") == {"garza": 4}


@NEEDS_BROWSER
def test_thumbnails_inside_a_page_are_photos_too(web: Web, tmp_path: Path) -> None:
    """A row names them by a hash; nothing is asked for."""
    web.google = "before"
    settings = make_settings(web, EngineName.GOOGLE, per_class=1)
    scrape(settings, tmp_path / "images", silent)
    (record,) = manifest_rows(tmp_path / "images")
    assert record.image_url.startswith("data:;sha256=")
    assert record.sha256 == hashlib.sha256(photo(999)).hexdigest()
    assert web.n_photo_requests() == {}


def test_progress_tells_class_engine_and_counts(web: Web, tmp_path: Path) -> None:
    """One line as an engine is asked, one as a class is full."""
    lines: list[str] = []
    scrape(make_settings(web, per_class=4), tmp_path / "images", lines.append)
    assert [line for line in lines if not isinstance(line, Tick)] == [
        "garza: asking openverse ...",
        "garza: 4 of 4 photos",
        "otra: asking openverse ...",
    ]

"""What came of a scrape, counted from what is on the disk."""

from pathlib import Path

import pytest

from pipeline.scraping.candidates import Candidate, SearchPage
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.rows import PhotoRules
from pipeline.scraping.store import open_store
from pipeline.scraping.summary import EngineCount, ScrapeSummary, count_engine
from tests.pipeline.scraping.factories import LIMITS, START, make_found, make_photo


def test_an_engine_is_counted_for_a_class(tmp_path: Path) -> None:
    """Different results of all its queries, photos, and refusals with the frequent ones first."""
    candidates = tuple(Candidate(image_url=f"https://a.example/{number}") for number in range(5))
    rules = PhotoRules(min_side_px=1, only_free=False)
    with open_store(tmp_path / "images", rules, LIMITS, resume=False) as it:
        it.add_page("openverse", "heron", SearchPage(candidates=candidates[:3], next_start="2"))
        it.add_page("openverse", "garza", SearchPage(candidates=candidates[2:], next_start=None))
        it.add_page("bing", "heron", SearchPage(candidates=candidates, next_start=None))
        it.stage(make_found(1).candidate.key, b"photo")
        it.keep(make_found(1), make_photo(1), time=START)
        reasons = (Reason.BROKEN, Reason.TOO_SMALL, Reason.TOO_SMALL)
        for number, reason in enumerate(reasons, start=2):
            it.refuse(make_found(number), RefusedError(reason, "x"))
        it.refuse(make_found(5), RefusedError(Reason.TIMEOUT, "x", is_temporary=True))
        it.refuse(make_found(9, label="otra"), RefusedError(Reason.HTTP, "x"))
        count = count_engine(it, label="garza", engine="openverse", queries=("heron", "garza"))
    assert count == EngineCount(
        label="garza",
        engine="openverse",
        n_found=5,
        n_photos=1,
        n_thumbnails=0,
        refused=((Reason.TOO_SMALL, 2), (Reason.BROKEN, 1), (Reason.TIMEOUT, 1)),
        n_put_off=1,
    )


def test_classes_that_lack_photos_are_short() -> None:
    """They are listed in the spec's order."""
    n_photos = {"c": 3, "a": 4, "b": 0}
    summary = ScrapeSummary(per_class=4, n_photos=n_photos, counts=(), ended={})
    assert summary.short == ("c", "b")


@pytest.mark.parametrize(
    ("ended", "labels"),
    [({}, ("put off", "empty")), ({"bing": "x"}, ("short", "put off", "empty"))],
)
def test_another_run_may_bring_what_something_stood_in_the_way_of(
    ended: dict[str, str], labels: tuple[str, ...]
) -> None:
    """An engine that ended, a photo that was put off, or a class that nobody knows anything of."""
    counts = tuple(
        EngineCount(
            label=label,
            engine="bing",
            n_found=9,
            n_photos=3,
            n_thumbnails=0,
            refused=(),
            n_put_off=n,
        )
        for label, n in (("short", 0), ("put off", 2), ("full", 1))
    )
    n_photos = {"short": 3, "put off": 3, "full": 4, "empty": 0}
    summary = ScrapeSummary(per_class=4, n_photos=n_photos, counts=counts, ended=ended)
    assert summary.to_be_had == labels

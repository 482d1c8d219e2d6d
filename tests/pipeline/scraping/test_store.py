"""The scraped folder, and what it survives."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadInputError, FileAccessError
from pipeline.row_files import RowFile
from pipeline.scraping.candidates import Candidate, SearchPage
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.rows import PhotoRules
from pipeline.scraping.store import Store, open_store
from tests.pipeline.scraping.checking import manifest_rows
from tests.pipeline.scraping.factories import LIMITS, START, make_found, make_photo

RULES = PhotoRules(min_side_px=100, only_free=False)


def take(store: Store, number: int, *, label: str = "garza", url: str | None = None) -> None:
    """Fetch and keep one photo."""
    found = make_found(number, label=label, url=url)
    store.stage(found.candidate.key, f"photo {number}".encode())
    store.keep(found, make_photo(number), time=START)


def test_a_photo_gets_its_place_and_its_rows(tmp_path: Path) -> None:
    """In both manifests; its name says engine, rank and content."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False) as store:
        take(store, 7)
        assert store.n_photos("garza") == 1
    photo = root / "garza" / "openverse_0007_000000000000.jpg"
    assert photo.read_bytes() == b"photo 7"
    (record,) = manifest_rows(root)
    (row,) = csv.DictReader((root / "manifest.csv").read_text("utf-8").splitlines())
    assert record.path == row["path"] == photo.relative_to(root).as_posix()


def test_an_empty_scrape_has_its_manifests(tmp_path: Path) -> None:
    """They have no rows."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False):
        pass
    assert manifest_rows(root) == ()
    assert (root / "manifest.csv").read_text("utf-8").count("\n") == 1


def test_the_very_same_file_is_taken_once_for_a_class(tmp_path: Path) -> None:
    """Another class may have it too: which of the two is right is not decided here."""
    with open_store(tmp_path / "images", RULES, LIMITS, resume=False) as store:
        take(store, 1)
        with pytest.raises(RefusedError, match=r"had already: the same file as garza/openverse"):
            take(store, 1, url="https://photos.example/copy.jpg")
        take(store, 1, label="otra", url="https://photos.example/copy.jpg")
        assert (store.n_photos("garza"), store.n_photos("otra")) == (1, 1)


def test_bytes_that_were_fetched_are_found_again(tmp_path: Path) -> None:
    """Put aside, or taken for another class; unknown ones are None."""
    with open_store(tmp_path / "images", RULES, LIMITS, resume=False) as store:
        store.stage("https://photos.example/9.jpg", b"aside")
        take(store, 1)
        assert store.staged("https://photos.example/9.jpg") == b"aside"
        assert store.staged("https://photos.example/1.jpg") == b"photo 1"
        assert store.staged("https://photos.example/2.jpg") is None


def test_a_refusal_holds_for_other_classes(tmp_path: Path) -> None:
    """It doesn't if the class alone was the reason."""
    first, second = make_found(1), make_found(2)
    with open_store(tmp_path / "images", RULES, LIMITS, resume=False) as store:
        store.stage(first.candidate.key, b"tiny")
        store.refuse(first, RefusedError(Reason.TOO_SMALL, "3 x 3"))
        store.refuse(second, RefusedError(Reason.DUPLICATE, "the same"))
        with pytest.raises(RefusedError, match="too small: 3 x 3"):
            store.staged(first.candidate.key)
        assert store.staged(second.candidate.key) is None
        assert store.knows("garza", first.candidate.key)
        assert not store.knows("otra", first.candidate.key)


def test_what_was_refused_for_now_is_tried_again_later(tmp_path: Path) -> None:
    """By the next run, not by this one."""
    root, found = tmp_path / "images", make_found(1)
    with open_store(root, RULES, LIMITS, resume=False) as store:
        store.refuse(found, RefusedError(Reason.TIMEOUT, "slow", is_temporary=True))
        assert store.knows("garza", found.candidate.key)
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert not store.knows("garza", found.candidate.key)


def test_what_was_refused_for_now_is_no_more_than_that_for_another_class(tmp_path: Path) -> None:
    """It is not asked for twice in one run, and is tried again for both by the next one."""
    root, found, other = tmp_path / "images", make_found(1), make_found(1, label="otra")
    with open_store(root, RULES, LIMITS, resume=False) as store:
        store.refuse(found, RefusedError(Reason.TIMEOUT, "slow", is_temporary=True))
        with pytest.raises(RefusedError, match="slow") as refused:
            store.staged(found.candidate.key)
        store.refuse(other, refused.value)
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.staged(found.candidate.key) is None
        assert not store.knows("garza", found.candidate.key)
        assert not store.knows("otra", found.candidate.key)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        (Reason.TOO_LARGE, {"max_bytes": 9}),
        (Reason.ADDRESS, {"allowed_host": "nas:80"}),
        (Reason.PRIVATE, {"allowed_host": "nas:80"}),
        (Reason.NO_IMAGE, {"extensions": ("jpg", "webp")}),
    ],
)
def test_a_refusal_lasts_as_long_as_the_limit_behind_it(
    tmp_path: Path, reason: Reason, changes: dict[str, Any]
) -> None:
    """With another limit the photo is looked at again; what hangs on no limit stays refused."""
    root, found, broken = tmp_path / "images", make_found(1), make_found(2)
    with open_store(root, RULES, LIMITS, resume=False) as store:
        store.refuse(found, RefusedError(reason, "no"))
        store.refuse(broken, RefusedError(Reason.BROKEN, "no"))
    for limits, is_known in ((LIMITS, True), (replace(LIMITS, **changes), False)):
        with open_store(root, RULES, limits, resume=True) as store:
            assert store.knows("garza", found.candidate.key) is is_known
            assert store.knows("garza", broken.candidate.key)


def test_pages_of_a_search_are_remembered(tmp_path: Path) -> None:
    """Each search has its own."""
    page = SearchPage(candidates=(Candidate(image_url="https://a.example/1"),), next_start="2")
    with open_store(tmp_path / "images", RULES, LIMITS, resume=False) as store:
        store.add_page("openverse", "heron", page)
    with open_store(tmp_path / "images", RULES, LIMITS, resume=True) as store:
        assert store.pages("openverse", "heron") == (page,)
        assert store.pages("bing", "heron") == store.pages("openverse", "stork") == ()


def test_a_photo_whose_rows_are_written_gets_its_place_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process was killed between the two; the CSV row was lost, too."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False) as store, monkeypatch.context() as patch:
        patch.setattr(Store, "_put_in_place", lambda *_: None)
        take(store, 1)
    (root / "manifest.csv").write_text("path,la", "utf-8")
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.n_photos("garza") == 1
    (photo,) = (root / "garza").iterdir()
    assert photo.read_bytes() == b"photo 1"
    assert (root / "manifest.csv").read_text("utf-8").count("\n") == 2


def test_bytes_whose_row_was_not_written_are_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They had their new name already when the disk was full."""
    root, found = tmp_path / "images", make_found(1)
    with open_store(root, RULES, LIMITS, resume=False) as store, monkeypatch.context() as patch:
        patch.setattr(RowFile, "append", lambda *_: None)
        patch.setattr(Store, "_put_in_place", lambda *_: None)
        take(store, 1)
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.n_photos("garza") == 0
        assert store.staged(found.candidate.key) == b"photo 1"


def test_nothing_is_left_aside_that_nobody_needs(tmp_path: Path) -> None:
    """A refusal was written, and the process killed before it cleaned up."""
    root, found = tmp_path / "images", make_found(1)
    with open_store(root, RULES, LIMITS, resume=False) as store:
        store.refuse(found, RefusedError(Reason.TOO_SMALL, "3 x 3"))
        store.stage(found.candidate.key, b"tiny")
        store.stage("https://photos.example/2.jpg", b"not decided yet")
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.staged("https://photos.example/2.jpg") == b"not decided yet"
    assert len(list((root / ".scrape" / "fetched").iterdir())) == 1


def test_a_photo_that_somebody_removed_makes_room_for_another(tmp_path: Path) -> None:
    """It stays known, so it does not come back."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False) as store:
        take(store, 1)
    next((root / "garza").iterdir()).unlink()
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.n_photos("garza") == 0
        assert store.knows("garza", make_found(1).candidate.key)


def test_a_removed_photo_stays_away_where_another_class_was_getting_it(tmp_path: Path) -> None:
    """Its bytes were put aside for that class when the process was killed."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False) as store:
        take(store, 1)
    next((root / "garza").iterdir()).unlink()
    with open_store(root, RULES, LIMITS, resume=True) as store:
        store.stage(make_found(1).candidate.key, b"photo 1")
    with open_store(root, RULES, LIMITS, resume=True) as store:
        assert store.n_photos("garza") == 0
    assert list((root / "garza").iterdir()) == []


def test_a_folder_is_not_taken_by_surprise(tmp_path: Path) -> None:
    """Without --resume an earlier scrape is in the way; with it, other files are."""
    root, other = tmp_path / "images", tmp_path / "other"
    with open_store(root, RULES, LIMITS, resume=True):
        pass
    with (
        pytest.raises(BadInputError, match=r"earlier scrape(?s:.)*pass --resume to continue"),
        open_store(root, RULES, LIMITS, resume=False),
    ):
        pass
    other.mkdir()
    (other / "thesis.txt").touch()
    with (
        pytest.raises(BadInputError, match="the folder holds files, but no scrape"),
        open_store(other, RULES, LIMITS, resume=True),
    ):
        pass


def test_a_scrape_goes_on_by_the_rules_it_began_with(tmp_path: Path) -> None:
    """Else the folder would hold photos that the one or the other rule refuses."""
    root = tmp_path / "images"
    with open_store(root, RULES, LIMITS, resume=False):
        pass
    others = PhotoRules(min_side_px=50, only_free=True)
    with (
        pytest.raises(BadInputError, match="started with --min-side 100 --licence any"),
        open_store(root, others, LIMITS, resume=True),
    ):
        pass
    (root / ".scrape" / "rules.json").write_text("{", "utf-8")
    with (
        pytest.raises(BadInputError, match="is broken"),
        open_store(root, RULES, LIMITS, resume=True),
    ):
        pass


def test_two_scrapes_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second one is refused."""
    root = tmp_path / "images"
    with (
        open_store(root, RULES, LIMITS, resume=False),
        pytest.raises(BadInputError, match="Another scrape is writing"),
        open_store(root, RULES, LIMITS, resume=True),
    ):
        pass


def test_a_folder_that_can_not_be_made_is_the_machine_s_fault(tmp_path: Path) -> None:
    """A file stands where its parent should be."""
    (tmp_path / "file").touch()
    with (
        pytest.raises(FileAccessError, match="can't be read or written"),
        open_store(tmp_path / "file" / "images", RULES, LIMITS, resume=False),
    ):
        pass

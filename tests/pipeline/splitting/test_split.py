"""The split is split-folders' own, complete and recorded."""

import errno
import json
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import splitfolders

from hidden_test_spec.sidecar import SplitRecord
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.errors import BadInputError, MachineError, UsageError
from pipeline.splitting.leaks import verify_split
from pipeline.splitting.settings import DOCUMENT_RATIO, SplitMethod, SplitSettings
from pipeline.splitting.split import split_images
from tests.pipeline.copying import draw_with_copies
from tests.pipeline.drawing import draw_classes, silent

DOCUMENT = SplitSettings(seed=5, ratio=DOCUMENT_RATIO, method=SplitMethod.STRICT_DOCUMENT)


def files_below(root: Path) -> dict[str, bytes]:
    """The files of a tree by their relative paths, without the records of the split."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name not in ("split.json", "copies.json")
    }


@pytest.mark.parametrize("seed", [5, 6])
def test_the_split_equals_plain_split_folders(tmp_path: Path, seed: int) -> None:
    """Every part holds the same files with the same bytes."""
    images = draw_classes(tmp_path / "images", per_class=21)
    settings = SplitSettings(seed=seed, ratio=DOCUMENT_RATIO)
    split_images(images, tmp_path / "ours", settings, silent)
    splitfolders.ratio(images, output=tmp_path / "theirs", seed=seed, ratio=DOCUMENT_RATIO)
    assert files_below(tmp_path / "ours") == files_below(tmp_path / "theirs")


def test_another_seed_divides_differently(tmp_path: Path) -> None:
    """The seed is what fixes the parts."""
    images = draw_classes(tmp_path / "images", per_class=20)
    for seed in (5, 6):
        split_images(images, tmp_path / str(seed), SplitSettings(seed=seed), silent)
    assert files_below(tmp_path / "5").keys() != files_below(tmp_path / "6").keys()


def test_no_image_is_lost_or_in_two_parts(tmp_path: Path) -> None:
    """The parts together are the images."""
    images = draw_classes(tmp_path / "images", per_class=9)
    split_images(images, tmp_path / "out", DOCUMENT, silent)
    names = [path.name for path in (tmp_path / "out").rglob("*.png")]
    assert sorted(names) == sorted(path.name for path in images.rglob("*.png"))


def test_the_record_tells_how_it_was_divided(tmp_path: Path) -> None:
    """Tool, method, seed, ratio and the counts of each class are returned and written."""
    images = draw_classes(tmp_path / "images", per_class=10)
    record = split_images(images, tmp_path / "out", DOCUMENT, silent)
    written = (tmp_path / "out" / "split.json").read_text("utf-8")
    assert SplitRecord.model_validate_json(written) == record
    assert record.tool.startswith("split-folders ")
    assert (record.method, record.seed, record.ratio) == ("strict-document", 5, DOCUMENT_RATIO)
    part_counts = {"train": 7, "val": 1, "test": 2}
    assert record.counts == dict.fromkeys(("blue", "green", "red"), part_counts)


def test_files_that_are_no_images_are_left_out_and_named(tmp_path: Path) -> None:
    """Notes, thumbnails' databases and hidden folders change nothing about the split."""
    images = draw_classes(tmp_path / "images", per_class=10)
    split_images(images, tmp_path / "clean", DOCUMENT, silent)
    (images / "red" / "Thumbs.db").touch()
    (images / "notes.txt").touch()
    (images / ".cache").mkdir()
    (images / ".cache" / "red 0.png").touch()
    lines: list[str] = []
    split_images(images, tmp_path / "untidy", DOCUMENT, lines.append)
    assert files_below(tmp_path / "untidy") == files_below(tmp_path / "clean")
    assert lines[0] == (
        'Left out, since they are not images (3): ".cache", "notes.txt", "red/Thumbs.db"'
    )


def test_names_as_macos_writes_them_survive(tmp_path: Path) -> None:
    """A folder whose letters are decomposed keeps its name in every part."""
    name = unicodedata.normalize("NFD", "cigüeña")
    images = draw_classes(tmp_path / "images", names=(name, "loro"))
    record = split_images(images, tmp_path / "out", DOCUMENT, silent)
    assert set(record.counts) == {name, "loro"}
    assert (tmp_path / "out" / "test" / name).is_dir()


def test_the_images_stay_where_they_are(tmp_path: Path) -> None:
    """A split copies."""
    images = draw_classes(tmp_path / "images")
    before = files_below(images)
    split_images(images, tmp_path / "out", DOCUMENT, silent)
    assert files_below(images) == before


def test_classes_too_small_to_divide_are_all_named(tmp_path: Path) -> None:
    """Each is listed with what it has and what it needs; nothing is written."""
    images = draw_classes(tmp_path / "images", names=("loro", "garza"), per_class=6)
    draw_classes(images, names=("pato",), per_class=7)
    with pytest.raises(BadInputError, match="for 2 reasons") as caught:
        split_images(images, tmp_path / "out", DOCUMENT, silent)
    wanted = (
        "has 6 images and needs at least 7, so that train, val and test all get one; "
        "add images or change --ratio"
    )
    assert str(caught.value).splitlines()[1:3] == [
        f'  - "garza" {wanted}',
        f'  - "loro" {wanted}',
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("ratio", "needed"),
    [(DOCUMENT_RATIO, 7), ((0.8, 0.1, 0.1), 10), ((0.1, 0.1, 0.8), 10), ((0.34, 0.33, 0.33), 4)],
)
def test_a_class_of_the_needed_size_fills_every_part(
    tmp_path: Path, ratio: tuple[float, float, float], needed: int
) -> None:
    """One image fewer is refused; the needed number gives no empty part."""
    settings = SplitSettings(ratio=ratio)
    few = draw_classes(tmp_path / "few", per_class=needed - 1)
    with pytest.raises(BadInputError, match=f"needs at least {needed},"):
        split_images(few, tmp_path / "out", settings, silent)
    enough = draw_classes(tmp_path / "enough", per_class=needed)
    record = split_images(enough, tmp_path / "out", settings, silent)
    assert all(min(counts.values()) >= 1 for counts in record.counts.values())


@pytest.mark.parametrize(
    "ratio",
    [(0.7, 0.2, 0.2), (1.2, -0.1, -0.1), (0.8, 0.2, 0.0), (float("nan"), 0.5, 0.5), (70, 15, 15)],
)
def test_shares_that_are_no_shares_are_refused(
    tmp_path: Path, ratio: tuple[float, float, float]
) -> None:
    """Shares must be above 0 and sum to 1, regardless of the images."""
    with pytest.raises(UsageError, match="three numbers above 0 that sum to 1"):
        split_images(tmp_path / "nowhere", tmp_path / "out", SplitSettings(ratio=ratio), silent)


def test_an_output_that_holds_something_is_kept(tmp_path: Path) -> None:
    """The folder is named and stays as it is."""
    images = draw_classes(tmp_path / "images")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "work").touch()
    with pytest.raises(BadInputError, match="nothing is overwritten"):
        split_images(images, tmp_path / "out", DOCUMENT, silent)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["work"]


def test_an_output_among_the_images_is_refused(tmp_path: Path) -> None:
    """The parts would be classes of the next split."""
    images = draw_classes(tmp_path / "images")
    with pytest.raises(UsageError, match="outside"):
        split_images(images, images / "out", DOCUMENT, silent)


def test_an_interrupted_split_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of copying leaves no folder under any name."""

    def interrupted(_folder: Path, *, output: Path, **_options: object) -> None:
        (output / "train" / "red").mkdir(parents=True)
        raise KeyboardInterrupt("stop")

    images = draw_classes(tmp_path / "images")
    monkeypatch.setattr(splitfolders, "ratio", interrupted)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        split_images(images, tmp_path / "out", DOCUMENT, silent)
    assert list(tmp_path.iterdir()) == [images]


def test_copies_stay_on_one_side(tmp_path: Path) -> None:
    """Unless the document's split is asked for; then the leaks are counted."""
    images = draw_with_copies(tmp_path / "images")
    grouped, strict = SplitSettings(seed=3), replace(DOCUMENT, seed=3)
    lines: list[str] = []
    record = split_images(images, tmp_path / "grouped", grouped, lines.append)
    assert record.method == "grouped"
    assert verify_split(tmp_path / "grouped", silent, extensions=IMAGE_EXTENSIONS).leaks == ()
    plain: list[str] = []
    split_images(images, tmp_path / "strict", strict, plain.append)
    n_leaks = len(verify_split(tmp_path / "strict", silent, extensions=IMAGE_EXTENSIONS).leaks)
    assert n_leaks > 0
    copies = "Copies: 11 images show 5 photos, 1 of them in more than one class"
    photos = f"{n_leaks} photo{'s' if n_leaks > 1 else ''}"
    assert lines[3:] == [copies, f"Leaks: none; a plain split would put {photos} on two sides"]
    told = f"Leaks: {photos} on more than one side; a split without --strict-document keeps"
    assert plain[3:] == [copies, f"{told} copies together"]


def test_the_copies_are_recorded(tmp_path: Path) -> None:
    """They are listed with their parts and classes, and the numbers of leaks."""
    images = draw_with_copies(tmp_path / "images")
    split_images(images, tmp_path / "out", SplitSettings(seed=3), silent)
    document = json.loads((tmp_path / "out" / "copies.json").read_text("utf-8"))
    assert document["n_leaks_found"] == 0
    assert document["n_leaks_prevented"] > 0
    assert document["groups"][0] == {
        "images": ["blue/strayed.png", "red/again 0.png", "red/red 0.png"],
        "parts": ["train"],
        "labels": ["blue", "red"],
        "kinds": ["near", "mirrored"],
    }


def test_links_are_the_images_under_another_name(tmp_path: Path) -> None:
    """They stay readable when the images are moved away."""
    images = draw_classes(tmp_path / "images")
    split_images(images, tmp_path / "copied", DOCUMENT, silent)
    split_images(images, tmp_path / "linked", replace(DOCUMENT, is_linked=True), silent)
    assert files_below(tmp_path / "linked") == files_below(tmp_path / "copied")
    for path in (tmp_path / "linked").rglob("*.png"):
        assert path.samefile(images / path.parent.name / path.name)
        assert not path.is_symlink()


def test_a_disk_without_links_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left, and the advice is to copy."""

    def refused(*_args: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    images = draw_classes(tmp_path / "images")
    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(MachineError, match="leave --link out to copy"):
        split_images(images, tmp_path / "out", SplitSettings(is_linked=True), silent)
    assert list(tmp_path.iterdir()) == [images]

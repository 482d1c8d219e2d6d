from pathlib import Path

from PIL import Image

from acceptance.making.drawing import SETS, draw_ground, draw_tests


def sizes_in(folder: Path) -> set[tuple[int, int]]:
    """Width and height of every photo in a folder."""
    found = set()
    for path in folder.rglob("*.png"):
        with Image.open(path) as photo:
            found.add(photo.size)
    return found


def test_test_photos_are_the_same_on_every_machine_and_stand_in_every_way(tmp_path: Path) -> None:
    """Portrait, landscape and square; drawn again they have the same bytes."""
    for name in ("once", "again"):
        draw_tests(tmp_path / name, n_per_class=1)

    shapes = {(width > height) - (width < height) for width, height in sizes_in(tmp_path / "once")}
    assert shapes == {-1, 0, 1}
    once = sorted((tmp_path / "once").rglob("*.png"))
    assert len(once) == sum(len(photo_set.classes) for photo_set in SETS)
    again = [tmp_path / "again" / path.relative_to(tmp_path / "once") for path in once]
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def test_the_ground_has_both_sides_and_no_test_photo(tmp_path: Path) -> None:
    """Each class has photos to train on and to validate on, and all of them in a flat folder."""
    draw_tests(tmp_path / "tests", n_per_class=1)
    draw_ground(tmp_path / "ground", n_per_class=4)

    cats = tmp_path / "ground" / "images"
    assert len(list((cats / "train" / "cat").iterdir())) == 3
    assert len(list((cats / "valid" / "cat").iterdir())) == 1
    assert len([path for path in (cats / "all").iterdir() if path.name.startswith("cat")]) == 4
    tests = {path.read_bytes() for path in (tmp_path / "tests").rglob("*.png")}
    assert not tests & {path.read_bytes() for path in (tmp_path / "ground").rglob("*.png")}


def test_digits_are_small_and_grey(tmp_path: Path) -> None:
    """Chapters 4 and 13 of the book train on digits of 28 px."""
    draw_tests(tmp_path, n_per_class=1)

    assert sizes_in(tmp_path / "images_digits") == {(28, 28)}
    with Image.open(tmp_path / "images_3_and_7" / "3" / "3_0.png") as digit:
        assert digit.mode == "L"

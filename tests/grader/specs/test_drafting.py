"""A first spec for a folder."""

import unicodedata
from pathlib import Path

import pytest

from grader.errors import BadInputError
from grader.specs.drafting import draft_spec, short_name, write_draft
from hidden_test_spec.reading import read_spec
from hidden_test_spec.spec import Spec
from tests.factories import draw_folder, draw_image


def drafted(root: Path, *, name: str | None = None) -> Spec:
    """The draft of a folder, written and read back."""
    out = root.parent / "spec.toml"
    write_draft(draft_spec(root, name=name), out, is_replaced=True)
    return read_spec(out)


def test_folders_become_classes(tmp_path: Path) -> None:
    """Their names are labels and queries, in NFC, whatever quotes they have."""
    names = ["cig\u00fce\u00f1a", 'the "robin"', "wren {x} #1"]
    root = tmp_path / "test"
    for name in names:
        draw_image(root / unicodedata.normalize("NFD", name) / "a.png")
    spec = drafted(root)

    assert spec.labels == tuple(names)
    assert [one.queries for one in spec.classes] == [(name,) for name in names]


def test_limits_are_what_is_there_with_room_for_more_images(tmp_path: Path) -> None:
    """The smallest side of any image, and twice the images in round numbers."""
    root = draw_folder(tmp_path / "test", {"robin": 40, "wren": 30})
    draw_image(root / "wren" / "large.png", side_px=50)
    draw_image(root / "wren" / "small.png", side_px=5)
    spec = drafted(root)

    assert spec.limits.min_side_px == 5
    assert spec.limits.max_images == 200


def test_only_endings_that_are_there_are_listed(tmp_path: Path) -> None:
    """In any case of letters, and in the usual order."""
    root = tmp_path / "test"
    for name in ("robin/a.PNG", "robin/b.jpg", "wren/c.png", "wren/notes.txt"):
        draw_image(root / f"{name}.png").rename(root / name)

    assert drafted(root).layout.extensions == ("jpg", "png")
    assert draft_spec(root).other_files == ("wren/notes.txt",)


def test_the_name_is_the_folder_s_or_the_given_one(tmp_path: Path) -> None:
    """As short names are written."""
    root = draw_folder(tmp_path / "My Birds", {"robin": 1, "wren": 1})

    assert drafted(root).name == "my-birds"
    assert drafted(root, name="other").name == "other"


@pytest.mark.parametrize(
    ("folder", "name"),
    [("P\u00e1jaros 2026 (final)", "pajaros-2026-final"), ("\u9ce5", "hidden-test"), ("_a_", "a")],
)
def test_any_folder_gives_a_short_name(folder: str, name: str) -> None:
    """Accents are left out, and so is what no ASCII letter stands for."""
    assert short_name(folder) == name


def test_an_unreadable_image_is_named_and_counts_for_no_limit(tmp_path: Path) -> None:
    """The rest is drafted all the same."""
    root = draw_folder(tmp_path / "test", {"robin": 1, "wren": 1})
    (root / "wren" / "broken.png").write_bytes(b"no image")
    draft = draft_spec(root)

    assert draft.unreadable == ("wren/broken.png",)
    assert (draft.n_images, draft.n_classes) == (3, 2)
    assert drafted(root).limits.min_side_px == 8


def test_every_folder_that_cannot_be_a_class_is_reported_at_once(tmp_path: Path) -> None:
    """An invalid label, two equal labels, and a folder without images."""
    folders = {"Robin": 1, "robin": 1, " wren": 1, "a\tb": 1, "empty": 0}
    with pytest.raises(BadInputError, match="can't become a spec") as caught:
        draft_spec(draw_folder(tmp_path / "test", folders))

    faults = caught.value.what.splitlines()[1:]
    assert [fault.partition(" (")[0] for fault in faults] == [
        '  - " wren" starts with a dot, or starts or ends with a space; remove it',
        '  - "a\\tb" holds control characters; remove them',
        '  - "empty" holds no images',
        "  - 'robin' of class 'robin' is already taken by class 'Robin'",
    ]


def test_a_folder_whose_name_is_no_text_is_reported(tmp_path: Path) -> None:
    """A spec is UTF-8, and could not name it."""
    root = draw_folder(tmp_path / "test", {"robin": 1, "wr\udcffen": 1})

    with pytest.raises(BadInputError, match="is not UTF-8 text"):
        draft_spec(root)


def test_one_class_is_too_few(tmp_path: Path) -> None:
    """A classifier needs two classes."""
    with pytest.raises(BadInputError, match='"robin" is the only class folder'):
        draft_spec(draw_folder(tmp_path / "test", {"robin": 2}))


@pytest.mark.parametrize(
    ("folders", "message"),
    [(None, "can't be read"), ({}, "no class folders"), ({"robin": 0, "wren": 0}, "no images")],
)
def test_a_folder_without_images_is_told_as_in_a_grading(
    tmp_path: Path, folders: dict[str, int] | None, message: str
) -> None:
    """Missing, empty, and with empty class folders only."""
    root = tmp_path / "test"
    if folders is not None:
        root.mkdir()
        draw_folder(root, folders)

    with pytest.raises(BadInputError, match=message):
        draft_spec(root)


def test_a_spec_that_exists_is_replaced_only_on_request(tmp_path: Path) -> None:
    """It may be hours of editing."""
    draft = draft_spec(draw_folder(tmp_path / "test", {"robin": 1, "wren": 1}))
    out = tmp_path / "spec.toml"
    out.write_text("edited", "utf-8")

    with pytest.raises(BadInputError, match="exists already"):
        write_draft(draft, out, is_replaced=False)
    assert out.read_text("utf-8") == "edited"
    write_draft(draft, out, is_replaced=True)
    assert out.read_text("utf-8") == draft.text


def test_a_spec_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    """The folder is missing."""
    draft = draft_spec(draw_folder(tmp_path / "test", {"robin": 1, "wren": 1}))

    with pytest.raises(BadInputError, match="can't be written"):
        write_draft(draft, tmp_path / "no" / "spec.toml", is_replaced=False)

"""From a folder to a seal and a key."""

import datetime as dt
import os
import stat
import unicodedata
from pathlib import Path

import pytest

from grader.errors import BadInputError
from grader.specs.sealing import seal_folder, write_seal
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sealing import Seal, SealedSpec, SealKey
from tests.factories import draw_folder, draw_image, make_spec

TODAY = dt.date(2026, 3, 1)
SALT = "5a" * 32


def seal(root: Path) -> tuple[Seal, SealKey]:
    """Seal a folder whose folders are the labels."""
    return seal_folder(root, spec=None, salt=SALT, created=TODAY, on_progress=print)


def test_the_key_lists_every_image_and_the_seal_counts_them(tmp_path: Path) -> None:
    """Names, labels and hashes of files stand in the key alone."""
    root = draw_folder(tmp_path / "test", {"robin": 2, "wren": 1})
    made, key = seal(root)

    assert [(one.name, one.label, one.sha256) for one in key.images] == [
        (f"{path.parent.name}/{path.name}", path.parent.name, sha256_of(path))
        for path in sorted(root.glob("*/*"))
    ]
    assert key.salt == SALT
    assert made.counts == {"robin": 2, "wren": 1}
    assert made.created == TODAY


def test_folders_named_by_an_alias_are_sealed_as_the_class(tmp_path: Path) -> None:
    """With a spec, whose name the seal keeps."""
    root = draw_folder(tmp_path / "test", {"petirrojo": 2, "wren": 1})
    spec = make_spec(aliases={"robin": ("petirrojo",)})
    made, key = seal_folder(root, spec=spec, salt=SALT, created=TODAY, on_progress=print)

    assert made.counts == {"robin": 2, "wren": 1}
    assert {one.name.partition("/")[0] for one in key.images} == {"petirrojo", "wren"}
    assert made.spec == SealedSpec(name=spec.name, version=spec.version)


def test_progress_is_told_image_by_image(tmp_path: Path) -> None:
    """How many are hashed, of how many."""
    seen: list[tuple[int, int]] = []
    root = draw_folder(tmp_path / "test", {"robin": 2, "wren": 1})
    seal_folder(
        root,
        spec=None,
        salt=SALT,
        created=TODAY,
        on_progress=lambda n_done, n_total: seen.append((n_done, n_total)),
    )

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_names_that_differ_only_in_their_unicode_form_are_refused(tmp_path: Path) -> None:
    """The seal could not tell them apart."""
    for form in ("NFC", "NFD"):
        draw_image(tmp_path / "test" / "robin" / f"{unicodedata.normalize(form, 'é')}.png")
    draw_image(tmp_path / "test" / "wren" / "a.png")

    with pytest.raises(BadInputError, match="can't be told apart"):
        seal(tmp_path / "test")


def test_a_folder_that_cannot_be_graded_on_cannot_be_sealed(tmp_path: Path) -> None:
    """With the words of a grading."""
    with pytest.raises(BadInputError, match="test folder can't be read"):
        seal(tmp_path / "nowhere")


def test_the_key_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    """Both files are read back as they were."""
    made, key = seal(draw_folder(tmp_path / "test", {"robin": 1, "wren": 1}))
    old_mask = os.umask(0)
    try:
        write_seal(made, tmp_path / "seal.json", key=key, key_path=tmp_path / "key.json")
    finally:
        os.umask(old_mask)

    assert stat.S_IMODE((tmp_path / "key.json").stat().st_mode) == 0o600
    assert Seal.model_validate_json((tmp_path / "seal.json").read_bytes()) == made
    assert SealKey.model_validate_json((tmp_path / "key.json").read_bytes()) == key


@pytest.mark.parametrize("taken", ["seal.json", "key.json"])
def test_a_promise_is_never_overwritten(tmp_path: Path, taken: str) -> None:
    """Nor is a new key left without its seal."""
    made, key = seal(draw_folder(tmp_path / "test", {"robin": 1, "wren": 1}))
    (tmp_path / taken).write_text("older", "utf-8")

    with pytest.raises(BadInputError, match="exists already"):
        write_seal(made, tmp_path / "seal.json", key=key, key_path=tmp_path / "key.json")
    assert (tmp_path / taken).read_text("utf-8") == "older"
    assert [path.name for path in tmp_path.glob("*.json")] == [taken]


def test_a_seal_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    """The folder is missing."""
    made, key = seal(draw_folder(tmp_path / "test", {"robin": 1, "wren": 1}))

    with pytest.raises(BadInputError, match="can't be written"):
        write_seal(made, tmp_path / "no" / "seal.json", key=key, key_path=tmp_path / "key.json")
    assert not (tmp_path / "key.json").exists()

"""Copies inside a test set, and photos that were trained on."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from grader.errors import BadInputError
from grader.specs.auditing import AuditRequest, audit_folder
from grader.specs.audits import Audit, Finding
from hidden_test_spec.fingerprints import fingerprint
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import TrainingImage, write_sidecar
from hidden_test_spec.spec import Spec
from tests.factories import make_sidecar, make_spec
from tests.grader.specs.pictures import picture, save


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A test folder of six different photos in two classes."""
    for seed in range(3):
        save(picture(seed), tmp_path / "test" / "robin" / f"{seed}.png")
        save(picture(seed + 3), tmp_path / "test" / "wren" / f"{seed + 3}.png")
    return tmp_path / "test"


def audited(root: Path, *against: Path, spec: Spec | None = None) -> Audit:
    """The audit of a folder."""
    return audit_folder(AuditRequest(root=root, against=against, spec=spec), on_progress=print)


def told(finding: Finding) -> tuple[str, str | None, str | None, bool | None]:
    """What is asked of a finding here."""
    return finding.kind, finding.image.name, finding.other.name, finding.across_classes


def write_record(export: Path, *paths: Path) -> Path:
    """Write an export and the record of its training images beside it."""
    export.write_bytes(b"an export")
    images = tuple(
        TrainingImage(part="train", sha256=one.sha256, phash=one.phash)
        for one in map(fingerprint, paths)
    )
    write_sidecar(make_sidecar(export=export.name, sha256=sha256_of(export), images=images), export)
    return export


def test_a_set_of_different_photos_has_no_findings(root: Path) -> None:
    """Every image counts, and nothing is said of training data that was not given."""
    found = audited(root)

    assert found.findings == ()
    assert (found.n_images, found.n_photos) == (6, 6)
    assert found.n_leaked is None
    assert found.leaked_share is None


def test_copies_are_told_with_their_kind_and_across_classes(root: Path) -> None:
    """A grade rests on as many photos as there are without the copies."""
    save(picture(0), root / "robin" / "same.png")
    save(picture(0), root / "robin" / "pixels.bmp")
    save(picture(1, side_px=60), root / "wren" / "small.png")
    save(ImageOps.mirror(picture(3)), root / "wren" / "mirror.png")
    found = audited(root)

    assert [told(finding) for finding in found.copies] == [
        ("same_file", "robin/0.png", "robin/same.png", False),
        ("same_pixels", "robin/0.png", "robin/pixels.bmp", False),
        ("near", "robin/1.png", "wren/small.png", True),
        ("mirrored", "wren/3.png", "wren/mirror.png", False),
    ]
    assert (found.n_images, found.n_photos) == (10, 6)


def test_photos_of_a_training_folder_are_leaks(root: Path) -> None:
    """With the labels that they have there; one that the test set lacks says nothing."""
    train = root.parent / "train"
    save(picture(0), train / "robin" / "a.png")
    save(picture(1, side_px=60), train / "Wren" / "b.png")
    save(ImageOps.mirror(picture(3)), train / "eagle" / "c.png")
    save(picture(4), train / "d.png")
    save(picture(99), train / "e.png")
    found = audited(root, train)

    assert [told(finding) for finding in found.leaks] == [
        ("same_file", "robin/0.png", "robin/a.png", False),
        ("near", "robin/1.png", "Wren/b.png", True),
        ("mirrored", "wren/3.png", "eagle/c.png", None),
        ("same_file", "wren/4.png", "d.png", None),
    ]
    assert found.copies == ()
    assert found.n_leaked == 4
    assert found.leaked_share == pytest.approx(4 / 6)
    assert [(one.n_images, one.has_pictures) for one in found.sources] == [(5, True)]


def test_an_alias_of_the_spec_is_the_same_class(root: Path) -> None:
    """On either side."""
    save(picture(0), root.parent / "train" / "petirrojo" / "a.png")
    spec = make_spec(aliases={"robin": ("petirrojo",)})

    assert [one.across_classes for one in audited(root, root.parent / "train").leaks] == [None]
    found = audited(root, root.parent / "train", spec=spec)
    assert [one.across_classes for one in found.leaks] == [False]


def test_photos_of_a_record_are_leaks_without_a_picture(root: Path) -> None:
    """Equal bytes are certain; a picture that looks alike has one hash alone."""
    train = [
        save(picture(0), root.parent / "a.png"),
        save(picture(1, side_px=60), root.parent / "b.png"),
    ]
    found = audited(root, write_record(root.parent / "model.pkl", *train))

    assert [told(finding) for finding in found.leaks] == [
        ("same_file", "robin/0.png", None, None),
        ("near", "robin/1.png", None, None),
    ]
    assert [finding.is_confirmed for finding in found.leaks] == [True, False]
    assert [finding.other.part for finding in found.leaks] == ["train", "train"]
    assert [(one.n_images, one.has_pictures) for one in found.sources] == [(2, False)]


def test_an_image_that_leaks_into_two_sources_counts_once(root: Path) -> None:
    """Each source reports it."""
    for name in ("first", "second"):
        save(picture(0), root.parent / name / "robin" / "a.png")
    found = audited(root, root.parent / "first", root.parent / "second")

    assert found.n_leaked == 1
    assert [finding.source for finding in found.leaks] == [
        root.parent / "first",
        root.parent / "second",
    ]


def test_unreadable_images_are_named_and_the_rest_is_audited(root: Path) -> None:
    """Copies of a broken file are copies, but not photos."""
    for name in ("a.png", "b.png"):
        (root / "wren" / name).write_bytes(b"no image")
    (root.parent / "train").mkdir()
    (root.parent / "train" / "c.png").write_bytes(b"")
    found = audited(root, root.parent / "train")

    assert [(one.name, one.problem) for one in found.unreadable] == [
        ("wren/a.png", "it is not an image in a known format"),
        ("wren/b.png", "it is not an image in a known format"),
    ]
    assert [told(finding)[:3] for finding in found.copies] == [
        ("same_file", "wren/a.png", "wren/b.png")
    ]
    assert (found.n_images, found.n_photos, found.n_leaked) == (8, 6, 0)
    assert found.sources[0].unreadable == ("c.png",)


def test_a_smaller_distance_finds_fewer_copies(root: Path) -> None:
    """Down to equal hashes."""
    save(Image.blend(picture(0), picture(7), 0.1), root / "wren" / "changed.png")
    exact = AuditRequest(root=root, max_distance=0)

    assert [finding.kind for finding in audited(root).findings] == ["near"]
    assert audit_folder(exact, on_progress=print).findings == ()


def test_progress_counts_test_and_training_images(root: Path) -> None:
    """Only those that are hashed here."""
    save(picture(9), root.parent / "train" / "a.png")
    record = write_record(root.parent / "model.pkl", root.parent / "train" / "a.png")
    seen: list[tuple[int, int]] = []
    audit_folder(
        AuditRequest(root=root, against=(root.parent / "train", record)),
        on_progress=lambda n_done, n_total: seen.append((n_done, n_total)),
    )

    assert seen == [(number, 7) for number in range(1, 8)]


def test_a_folder_that_cannot_be_graded_on_cannot_be_audited(tmp_path: Path) -> None:
    """With the words of a grading."""
    with pytest.raises(BadInputError, match="test folder can't be read"):
        audited(tmp_path / "nowhere")

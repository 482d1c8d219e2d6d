"""The order of the page, and what it says about each photo. No file is opened."""

from pathlib import Path

from pipeline.cleaning.audit.findings import Audit, Finding, PhotoFacts
from pipeline.cleaning.quarantine.planning import image_place
from pipeline.cleaning.review.album import Album, Listed, make_album
from tests.pipeline.cleaning.review.drawn import finding

ALL = ("a/1.png", "a/2.png", "a/3.png", "b/1.png", "b/2.png")


def listed(image: str, origin: str | None = None) -> Listed:
    """A photo among the images."""
    return Listed(origin=origin or image, place=image_place(image), size_bytes=9, modified_ns=0)


def audit(*findings: Finding, sides_px: dict[str, int] | None = None) -> Audit:
    """What is known of all photos."""
    sides = dict.fromkeys(ALL, 10) | (sides_px or {})
    photos = tuple(
        PhotoFacts(
            image=image,
            label=image[0],
            size_bytes=9,
            width_px=side_px,
            height_px=side_px,
            guess=None,
        )
        for image, side_px in sides.items()
    )
    return Audit(root=Path("images"), photos=photos, findings=findings, skipped=())


def album_of(*findings: Finding, sides_px: dict[str, int] | None = None) -> Album:
    """All photos, in two classes and one that is empty."""
    found = audit(*findings, sides_px=sides_px)
    return make_album([listed(image) for image in ALL], ("c", "b", "a"), found)


def order(album: Album) -> list[str]:
    """The photos in the order of the page."""
    return [subject.origin for subject in album.subjects]


def groups(album: Album) -> list[list[str]]:
    """The copies of each photo."""
    names = order(album)
    return [[names[number] for number in group] for group in album.groups]


def test_photos_without_findings_stand_by_class_and_name() -> None:
    """Classes without photos are listed, too."""
    album = album_of()
    assert order(album) == list(ALL)
    assert album.labels == ("a", "b", "c")
    assert album.groups == ()


def test_findings_stand_first_in_their_class_by_kind_and_score() -> None:
    """The gravest kind first, and within it the surest."""
    album = album_of(
        finding("label", "a/2.png", score=0.7),
        finding("label", "a/3.png", score=0.9),
        finding("dark", "b/2.png"),
    )
    assert order(album) == ["a/3.png", "a/2.png", "a/1.png", "b/2.png", "b/1.png"]


def test_copies_stand_together_in_the_first_of_their_classes() -> None:
    """The one with the most pixels first; chains of pairs are one group."""
    album = album_of(
        finding("near_duplicate", "a/1.png", "b/2.png"),
        finding("mirrored_duplicate", "b/2.png", "a/3.png"),
        sides_px={"a/3.png": 20},
    )
    assert groups(album) == [["a/3.png", "a/1.png", "b/2.png"]]
    assert order(album) == ["a/3.png", "a/1.png", "b/2.png", "a/2.png", "b/1.png"]
    assert [one.section for one in album.subjects] == ["a", "a", "a", "a", "b"]
    assert [one.label for one in album.subjects] == ["a", "a", "b", "a", "b"]


def test_a_copy_whose_label_is_in_doubt_is_not_the_best() -> None:
    """It isn't, even if it is the largest."""
    album = album_of(
        finding("exact_duplicate", "a/1.png", "b/1.png"),
        finding("label", "a/1.png"),
        sides_px={"a/1.png": 20},
    )
    assert groups(album) == [["b/1.png", "a/1.png"]]


def test_findings_of_photos_that_are_gone_are_left_out() -> None:
    """If only one of the copies is left, it is no longer a copy."""
    found = audit(finding("near_duplicate", "a/1.png", "b/1.png"))
    album = make_album([listed("a/1.png"), listed("a/2.png")], ("a",), found)
    assert album.groups == ()
    assert [one.group for one in album.subjects] == [None, None]


def test_a_moved_photo_keeps_its_findings_and_stands_in_its_new_class() -> None:
    """It is known by the name that it had."""
    found = audit(finding("dark", "a/1.png"))
    album = make_album([listed("b/1.png", "a/1.png"), listed("a/2.png")], ("a", "b"), found)
    moved = album.subjects[1]
    assert (moved.origin, moved.label, moved.section) == ("a/1.png", "b", "b")
    assert [one.kind for one in moved.findings] == ["dark"]


def test_a_photo_of_which_nothing_is_known_is_shown() -> None:
    """It was added after the audit."""
    (subject,) = make_album([listed("a/9.png")], ("a",), audit()).subjects
    assert (subject.size_px, subject.guess, subject.findings) == (None, None, ())

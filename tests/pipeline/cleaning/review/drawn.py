"""Drawn photos with what an audit might say of them, so that no network is needed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.cleaning.audit.auditing import AuditSettings
from pipeline.cleaning.audit.findings import COPY_KINDS, Audit, Finding, Guess, Kind, PhotoFacts
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import default_quarantine, open_quarantine
from pipeline.cleaning.quarantine.state import State
from pipeline.cleaning.review.album import make_album
from pipeline.cleaning.review.kept_audit import keep_audit
from pipeline.cleaning.review.listing import list_photos
from pipeline.cleaning.review.reviewing import Review
from pipeline.folders import list_class_folders
from tests.pipeline.cleaning.deciding import noon
from tests.pipeline.drawing import draw_classes, silent

SETTINGS = AuditSettings()


def finding(kind: Kind, *images: str, score: float = 1.0) -> Finding:
    """A finding about images, with a reason."""
    labels = tuple(image.partition("/")[0] for image in images)
    return Finding(kind=kind, images=images, labels=labels, score=score, reason=f"it is {kind}")


def _facts(path: Path, *, guess: Guess | None, side_px: int) -> PhotoFacts:
    """What an audit notes of a drawn photo."""
    label = path.parent.name
    return PhotoFacts(
        image=f"{label}/{path.name}",
        label=label,
        size_bytes=path.stat().st_size,
        width_px=side_px,
        height_px=side_px,
        guess=guess or Guess(label=label, probability=0.9, probability_of_own=0.9),
    )


def audit_of(images: Path, findings: Iterable[Finding] = ()) -> Audit:
    """An audit of all photos in a folder.

    One whose label is in doubt is guessed to be green; the first of two copies has more pixels.
    """
    found = tuple(findings)
    doubted = {one.images[0] for one in found if one.kind == "label"}
    green = Guess(label="green", probability=0.95, probability_of_own=0.01)
    best = {one.images[0] for one in found if one.kind in COPY_KINDS}
    photos = (
        _facts(path, guess=green if image in doubted else None, side_px=80 if image in best else 40)
        for path in sorted(images.glob("*/*"))
        for image in (f"{path.parent.name}/{path.name}",)
    )
    return Audit(root=images, photos=tuple(photos), findings=found, skipped=())


def draw_trees(root: Path, *, per_class: int = 4, findings: Iterable[Finding] = ()) -> Trees:
    """Photos of three colours, and a quarantine that has kept an audit of them."""
    images = draw_classes(root / "images", per_class=per_class)
    trees = Trees(images=images, quarantine=default_quarantine(images))
    keep(trees, findings)
    return trees


def keep(trees: Trees, findings: Iterable[Finding] = ()) -> None:
    """Make a quarantine that has kept an audit of all photos, none of them decided about."""
    trees.quarantine.mkdir()
    folder = list_class_folders(trees.images, extensions=SETTINGS.extensions)
    listed = list_photos(trees, folder, State())
    keep_audit(trees, SETTINGS, audit_of(trees.images, findings), listed)


@contextmanager
def reviewing(trees: Trees, audit: Audit) -> Iterator[Review]:
    """A review of photos."""
    with open_quarantine(trees, silent, noon, by="test") as quarantine:
        folder = list_class_folders(trees.images, extensions=SETTINGS.extensions)
        listed = list_photos(trees, folder, quarantine.state)
        labels = (label for label, _ in folder.images_by_folder)
        yield Review(quarantine, trees, make_album(listed, labels, audit))

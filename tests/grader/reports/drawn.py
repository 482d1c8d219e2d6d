"""Reports whose photos really are in a folder."""

from dataclasses import replace
from pathlib import Path

from grader.results.report import GradeReport, ImageRecord
from hidden_test_spec.images import sha256_of
from tests.factories import draw_image


def drawn(report: GradeReport, root: Path) -> GradeReport:
    """The report with a file behind each scored image, drawn into the folder, and its hash."""
    assert report.evidence is not None
    images = tuple(
        image
        if image.unreadable is not None
        else _with_file(image, draw_image(root / image.name, seed=seed))
        for seed, image in enumerate(report.evidence.images)
    )
    return replace(report, evidence=replace(report.evidence, images=images))


def linked(report: GradeReport, root: Path) -> GradeReport:
    """The same for many images: fifty noisy photos under all their names."""
    assert report.evidence is not None
    photos = [draw_image(root / f"{seed}.png", side_px=112, seed=seed) for seed in range(50)]
    hashes = [sha256_of(photo) for photo in photos]
    images = []
    for number, image in enumerate(report.evidence.images):
        path = root / image.name
        path.parent.mkdir(exist_ok=True)
        path.hardlink_to(photos[number % 50])
        images.append(replace(image, sha256=hashes[number % 50]))
    return replace(report, evidence=replace(report.evidence, images=tuple(images)))


def _with_file(image: ImageRecord, path: Path) -> ImageRecord:
    return replace(image, sha256=sha256_of(path))

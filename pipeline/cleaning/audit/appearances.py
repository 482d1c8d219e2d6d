"""Findings about how a photo was taken: too dark, blurry, or of an odd shape, by cleanvision."""

import contextlib
import io
import json
import warnings
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hidden_test_spec.pictures import open_picture
from pipeline.cleaning.audit.findings import Finding, Kind
from pipeline.cleaning.audit.memory import Memory
from pipeline.cleaning.audit.photos import Photo
from pipeline.libraries import load_library
from pipeline.progress import Report, counter

_AT_ONCE = 32

_ISSUES: tuple[tuple[Kind, str, str], ...] = (
    ("dark", "dark", "it is dark"),
    ("blurry", "blurry", "it is blurry"),
    ("odd_aspect", "odd_aspect_ratio", "it is much longer one way than the other"),
)


def appearance_findings(
    photos: Sequence[Photo], memory: Memory, report: Report
) -> Iterator[Finding]:
    """Findings about dark, blurry and oddly shaped images, all of which can be decoded.

    The thresholds are cleanvision's own; the score is 1 minus cleanvision's, which is 0 at worst.

    Raises:
        MissingLibraryError: If cleanvision isn't installed.
    """
    cleanvision = load_library("cleanvision")

    def look(missing: Sequence[int]) -> Iterator[bytes]:
        tell = counter(len(missing), "Looking for dark, blurry and odd photos", report)
        for start in range(0, len(missing), _AT_ONCE):
            some = [photos[at] for at in missing[start : start + _AT_ONCE]]
            yield from (
                json.dumps(scores).encode() for scores in appearance_scores(some, cleanvision)
            )
            tell(start + len(some))

    topic = f"appearance 1, cleanvision {version('cleanvision')}"
    known = memory.each([photo.fingerprint.sha256 for photo in photos], topic, look)
    for photo, scores in zip(photos, map(json.loads, known), strict=True):
        for kind, _, reason in _ISSUES:
            if kind in scores:
                yield Finding(
                    kind=kind,
                    images=(photo.image,),
                    labels=(photo.label,),
                    score=1 - scores[kind],
                    reason=reason,
                )


def appearance_scores(photos: Sequence[Photo], cleanvision: Any) -> Iterator[dict[Kind, float]]:
    """By kind of issue that a photo has, cleanvision's score."""
    with (
        TemporaryDirectory() as scratch,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        files = [
            str(_opaque(photo.path, Path(scratch) / f"{n}.png")) for n, photo in enumerate(photos)
        ]
        lab = cleanvision.Imagelab(filepaths=files)
        lab.find_issues({issue: {} for _, issue, _ in _ISSUES}, n_jobs=1, verbose=False)
    for file in files:
        row = lab.issues.loc[file]
        yield {
            kind: float(row[f"{issue}_score"])
            for kind, issue, _ in _ISSUES
            if row[f"is_{issue}_issue"]
        }


def _opaque(path: Path, copy: Path) -> Path:
    """The photo, or a copy as training sees it: cleanvision takes transparent pixels for black."""
    with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
        if image.mode in ("L", "RGB"):
            return path
        image.convert("RGB").save(copy)
    return copy

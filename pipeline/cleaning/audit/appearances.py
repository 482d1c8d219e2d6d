"""Findings about how a photo was taken: too dark, blurry, or of an odd shape, by cleanvision."""

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hidden_test_spec.pictures import open_picture
from pipeline.cleaning.audit.findings import Finding, Kind
from pipeline.cleaning.audit.photos import Photo
from pipeline.libraries import load_library

_ISSUES: tuple[tuple[Kind, str, str], ...] = (
    ("dark", "dark", "it is dark"),
    ("blurry", "blurry", "it is blurry"),
    ("odd_aspect", "odd_aspect_ratio", "it is much longer one way than the other"),
)


def appearance_findings(photos: Sequence[Photo]) -> Iterator[Finding]:
    """Findings about dark, blurry and oddly shaped images, all of which can be decoded.

    The thresholds are cleanvision's own; the score is 1 minus cleanvision's, which is 0 at worst.

    Raises:
        MissingLibraryError: If cleanvision isn't installed.
    """
    cleanvision = load_library("cleanvision")
    if not photos:
        return
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
    for photo, file in zip(photos, files, strict=True):
        row = lab.issues.loc[file]
        for kind, issue, reason in _ISSUES:
            if row[f"is_{issue}_issue"]:
                yield Finding(
                    kind=kind,
                    images=(photo.image,),
                    labels=(photo.label,),
                    score=1 - float(row[f"{issue}_score"]),
                    reason=reason,
                )


def _opaque(path: Path, copy: Path) -> Path:
    """The photo, or a copy as training sees it: cleanvision takes transparent pixels for black."""
    with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
        if image.mode in ("L", "RGB"):
            return path
        image.convert("RGB").save(copy)
    return copy

"""Findings about how a photo was taken: too dark, blurry, or of an odd shape, by cleanvision."""

import contextlib
import io
from collections.abc import Iterator, Sequence

from pipeline.cleaning.findings import Finding, Kind
from pipeline.cleaning.libraries import load_library
from pipeline.cleaning.photos import Photo

_ISSUES: tuple[tuple[Kind, str, str], ...] = (
    ("dark", "dark", "it is dark"),
    ("blurry", "blurry", "it is blurry"),
    ("odd_aspect", "odd_aspect_ratio", "it is much longer one way than the other"),
)


def appearance_findings(photos: Sequence[Photo]) -> Iterator[Finding]:
    """The dark, the blurry and the odd ones among images that can be decoded.

    Their thresholds are cleanvision's own; the score is 1 less cleanvision's, which is 0 at worst.

    Raises:
        MissingLibraryError: If cleanvision isn't installed.
    """
    cleanvision = load_library("cleanvision")
    if not photos:
        return
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        lab = cleanvision.Imagelab(filepaths=[str(photo.path) for photo in photos])
        lab.find_issues({issue: {} for _, issue, _ in _ISSUES}, n_jobs=1, verbose=False)
    for photo in photos:
        row = lab.issues.loc[str(photo.path)]
        for kind, issue, reason in _ISSUES:
            if row[f"is_{issue}_issue"]:
                yield Finding(
                    kind=kind,
                    images=(photo.image,),
                    labels=(photo.label,),
                    score=1 - float(row[f"{issue}_score"]),
                    reason=reason,
                )

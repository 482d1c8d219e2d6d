"""Findings about files: those that can't be decoded, lie about their format, or are too small."""

from collections.abc import Iterator, Sequence

from PIL import Image

from pipeline.cleaning.audit.findings import Finding, Kind
from pipeline.cleaning.audit.photos import Photo

# A JPEG that holds several pictures, as cameras write them, is a JPEG to every reader.
_SAME_FORMAT = {"MPO": "JPEG"}


def file_findings(photos: Sequence[Photo], *, min_side_px: int) -> Iterator[Finding]:
    """Findings about corrupt, mistyped and too small images.

    Args:
        photos: The images.
        min_side_px: Images whose smaller side is below this are too small; the score is the share
            that is missing.
    """
    for photo in photos:
        if photo.fingerprint.problem is not None:
            reason = f"it can't be decoded: {photo.fingerprint.problem}"
            yield _finding(photo, "corrupt", 1.0, reason)
        expected, found = (
            _format_of_ending(photo),
            _SAME_FORMAT.get(str(photo.format), photo.format),
        )
        if found is not None and found != expected:
            reason = f"its name ends in {photo.path.suffix}, but it is a {found}"
            yield _finding(photo, "mistyped", 1.0, reason)
        if photo.size_px is not None and min(photo.size_px) < min_side_px:
            width, height = photo.size_px
            score = 1 - min(photo.size_px) / min_side_px
            reason = f"it has {width} x {height} pixels; its smaller side is under {min_side_px}"
            yield _finding(photo, "too_small", score, reason)


def _format_of_ending(photo: Photo) -> str | None:
    found = Image.registered_extensions().get(photo.path.suffix.lower())
    return None if found is None else _SAME_FORMAT.get(found, found)


def _finding(photo: Photo, kind: Kind, score: float, reason: str) -> Finding:
    return Finding(
        kind=kind, images=(photo.image,), labels=(photo.label,), score=score, reason=reason
    )

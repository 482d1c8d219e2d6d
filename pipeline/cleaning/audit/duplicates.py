"""Findings about copies: pairs of images that show one photo, the better one first."""

from collections.abc import Iterator, Sequence

from hidden_test_spec import near_duplicates
from hidden_test_spec.near_duplicates import Link, find_links
from pipeline.cleaning.audit.findings import Finding, Kind, worst_last
from pipeline.cleaning.audit.photos import Photo

_N_BITS = 64
_KINDS: dict[near_duplicates.Kind, Kind] = {
    "same_file": "exact_duplicate",
    "same_pixels": "exact_duplicate",
    "near": "near_duplicate",
    "mirrored": "mirrored_duplicate",
}
_REASONS: dict[near_duplicates.Kind, str] = {
    "same_file": "the files are the same",
    "same_pixels": "the pictures are the same, pixel by pixel",
    "near": "the pictures look alike",
    "mirrored": "one looks like the mirror image of the other",
}


def duplicate_findings(photos: Sequence[Photo]) -> Iterator[Finding]:
    """The k - 1 strongest pairs of each k copies of one photo.

    The score is the share of the bits of both perceptual hashes that agree.
    """
    for link in find_links([photo.fingerprint for photo in photos]):
        pair = sorted((photos[link.first], photos[link.second]), key=_rank)
        yield Finding(
            kind=_KINDS[link.kind],
            images=tuple(photo.image for photo in pair),
            labels=tuple(photo.label for photo in pair),
            score=1 - link.distance / _N_BITS,
            reason=_reason(link, pair),
        )


def _rank(photo: Photo) -> tuple[int, int, str]:
    n_pixels = 0 if photo.size_px is None else photo.size_px[0] * photo.size_px[1]
    return worst_last(photo.image, n_pixels=n_pixels, size_bytes=photo.size_bytes)


def _reason(link: Link, pair: Sequence[Photo]) -> str:
    told = _REASONS[link.kind]
    if link.kind in ("near", "mirrored"):
        told = f"{told} ({link.distance} of {_N_BITS} bits differ)"
    if len({photo.label for photo in pair}) > 1:
        told = f"{told}, and they are in two classes, so one label is wrong"
    return told

"""Which photos to remove without anyone looking: only what an audit is very sure of.

Of the copies of one photo the best stays, and no photo is removed with all of its copies.
"""

import math
from collections.abc import Collection, Container, Mapping, Sequence
from types import MappingProxyType

from hidden_test_spec.near_duplicates import Link, groups_of
from pipeline.cleaning.audit.findings import (
    COPY_KINDS,
    Audit,
    Finding,
    Kind,
    PhotoFacts,
    worst_last,
)
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, image_place

# The lowest score at which a finding is acted on. The other kinds are left to a person: a mistyped
# file is a good photo, a dark, blurry or odd one may be good, and many outliers are.
THRESHOLDS: Mapping[Kind, float] = MappingProxyType(
    {
        "corrupt": 1.0,
        "exact_duplicate": 1.0,
        "near_duplicate": 60 / 64,
        "mirrored_duplicate": 60 / 64,
        "label": 0.99,
        "too_small": 0.5,
    }
)


def choose(audit: Audit, *, kept: Collection[str] = ()) -> tuple[Choice, ...]:
    """The removals that follow from the findings above their thresholds, by image.

    Copies in different classes are left to a person, unless a label among them is doubted enough.

    Args:
        audit: The audit of the images as they are.
        kept: Images about which somebody decided already. They stay, and no better copy is removed
            because of them: whoever puts a copy back wants both.
    """
    sure = [one for one in audit.findings if one.score >= THRESHOLDS.get(one.kind, math.inf)]
    reasons = {
        one.images[0]: _reason(one)
        for one in sure
        if one.kind not in COPY_KINDS and one.images[0] not in kept
    }
    pairs = [one for one in sure if one.kind in COPY_KINDS and len(set(one.labels)) == 1]
    for best, *others in _groups(audit, pairs, reasons):
        for photo in others:
            if photo.image not in kept:
                reasons.setdefault(photo.image, f"copy of {best.image}")
    all_pairs = [one for one in audit.findings if one.kind in COPY_KINDS]
    for group in _groups(audit, all_pairs, reasons):
        if all(photo.image in reasons for photo in group):
            del reasons[group[0].image]
    return tuple(
        Choice(place=image_place(image), decision=Decision.REMOVE, reason=reason)
        for image, reason in sorted(reasons.items())
    )


def _groups(
    audit: Audit, pairs: Sequence[Finding], doubted: Container[str]
) -> tuple[tuple[PhotoFacts, ...], ...]:
    """The photos that pairs link together, in groups of two or more, each with its best first.

    The best is one that no other finding speaks against, then the one with the most pixels.
    """
    photos = [photo for photo in audit.photos if photo.width_px is not None]
    number_of = {photo.image: number for number, photo in enumerate(photos)}
    numbered = [
        (number_of[first], number_of[second])
        for first, second in (pair.images for pair in pairs)
        if first in number_of and second in number_of
    ]
    groups = groups_of(len(photos), [_link(first, second) for first, second in numbered])
    return tuple(
        tuple(
            sorted(
                (photos[number] for number in group),
                key=lambda photo: (
                    photo.image in doubted,
                    worst_last(photo.image, n_pixels=photo.n_pixels, size_bytes=photo.size_bytes),
                ),
            )
        )
        for group in groups
        if len(group) > 1
    )


def _link(first: int, second: int) -> Link:
    return Link(first=first, second=second, kind="near", distance=0, is_confirmed=True)


def _reason(finding: Finding) -> str:
    return f"{finding.kind}: {finding.reason}"

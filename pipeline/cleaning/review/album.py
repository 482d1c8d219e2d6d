"""Everything that the review page shows about a folder, in the order of the page, as values.

A photo's number is its place in that order, and the page's requests name it by that number: a
browser never sends back a file name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hidden_test_spec.near_duplicates import Link, groups_of
from pipeline.cleaning.audit.findings import (
    COPY_KINDS,
    KINDS,
    Audit,
    Finding,
    Guess,
    PhotoFacts,
    worst_last,
)
from pipeline.cleaning.quarantine.entries import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A photo whose file exists, among the images or in the quarantine.

    Attributes:
        origin: CLASS_FOLDER/FILE before anything was decided about it; findings use this
            name. If another photo has it by now, the path in the quarantine.
        place: Where it is now.
        size_bytes: Size of the file.
        modified_ns: When the file was last changed, as the disk says; a move is not a change.
    """

    origin: str
    place: Place
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One photo on the page.

    Attributes:
        origin: CLASS_FOLDER/FILE before anything was decided about it.
        place: Where it was when the page was made.
        label: The class of its folder, or of its last one if removed.
        section: The class that it is shown with: copies are shown together, wherever they are.
        size_px: Width and height; None where it isn't known or can't be decoded.
        guess: The class that a classifier guesses; None where no classifier was asked.
        findings: The findings about it, the gravest first.
        group: Number of the group of copies that it belongs to; None if it has no copies.
    """

    origin: str
    place: Place
    label: str
    section: str
    size_px: tuple[int, int] | None
    guess: Guess | None
    findings: tuple[Finding, ...]
    group: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """The photos on the page.

    Attributes:
        labels: The class folders, sorted, including those without photos.
        subjects: By class, with each group of copies together; findings first.
        groups: The numbers of the photos that show one photo, the best copy first.
    """

    labels: tuple[str, ...]
    subjects: tuple[Subject, ...]
    groups: tuple[tuple[int, ...], ...]


def make_album(listed: Sequence[Listed], labels: Iterable[str], audit: Audit) -> Album:
    """The album of the listed photos; what an audit says about others is left out.

    Args:
        listed: The photos.
        labels: The class folders.
        audit: What is known about the photos, by their origins.
    """
    facts = {photo.image: photo for photo in audit.photos}
    findings = _findings_by_image(audit.findings)
    copies = _copies(listed, audit, facts)
    rank_of = {
        origin: (number, rank)
        for number, group in enumerate(copies)
        for rank, origin in enumerate(group)
    }
    known = _Known(
        facts=facts,
        findings=findings,
        group_of={origin: number for origin, (number, _) in rank_of.items()},
        homes=tuple(min(_label(origin) for origin in group) for group in copies),
    )
    subjects = sorted(
        (_subject(one, known) for one in listed),
        key=lambda one: (one.section, *_order(one, rank_of.get(one.origin))),
    )
    number_of = {subject.origin: number for number, subject in enumerate(subjects)}
    return Album(
        labels=tuple(sorted(set(labels))),
        subjects=tuple(subjects),
        groups=tuple(tuple(number_of[origin] for origin in group) for group in copies),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known about photos, by their origins; `homes` has the section of each group."""

    facts: Mapping[str, PhotoFacts]
    findings: Mapping[str, tuple[Finding, ...]]
    group_of: Mapping[str, int]
    homes: tuple[str, ...]


def _findings_by_image(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        for image in finding.images:
            found[image] = (*found.get(image, ()), finding)
    return found


def _copies(
    listed: Sequence[Listed], audit: Audit, facts: Mapping[str, PhotoFacts]
) -> tuple[tuple[str, ...], ...]:
    """Groups of copies by origin, the best of each first.

    The best is one whose label isn't doubted, then the one with the most pixels.
    """
    origins = sorted({one.origin for one in listed} & facts.keys())
    doubted = {one.images[0] for one in audit.findings if one.kind == "label"}
    groups = groups_of(len(origins), _links(origins, audit.findings))
    return tuple(
        tuple(
            sorted(
                (origins[number] for number in group),
                key=lambda origin: (origin in doubted, _rank(facts[origin])),
            )
        )
        for group in groups
        if len(group) > 1
    )


def _rank(photo: PhotoFacts) -> tuple[int, int, str]:
    return worst_last(photo.image, n_pixels=photo.n_pixels, size_bytes=photo.size_bytes)


def _links(origins: Sequence[str], findings: Iterable[Finding]) -> Iterator[Link]:
    number_of = {origin: number for number, origin in enumerate(origins)}
    for finding in findings:
        if finding.kind in COPY_KINDS and all(image in number_of for image in finding.images):
            first, second = sorted(number_of[image] for image in finding.images)
            yield Link(first=first, second=second, kind="near", distance=0, is_confirmed=True)


def _subject(one: Listed, known: _Known) -> Subject:
    facts = known.facts.get(one.origin)
    size_px = None
    if facts is not None and facts.width_px is not None and facts.height_px is not None:
        size_px = (facts.width_px, facts.height_px)
    # The folder before the file's name, both among the images and in the quarantine.
    label = one.place.path.split("/")[-2]
    group = known.group_of.get(one.origin)
    return Subject(
        origin=one.origin,
        place=one.place,
        label=label,
        section=label if group is None else known.homes[group],
        size_px=size_px,
        guess=None if facts is None else facts.guess,
        findings=known.findings.get(one.origin, ()),
        group=group,
    )


def _label(origin: str) -> str:
    return origin.partition("/")[0]


def _order(
    subject: Subject, ranks: tuple[int, int] | None
) -> tuple[int, tuple[int, int], float, str]:
    """Copies, group by group and the best first; then findings, the surest first; then the rest."""
    if ranks is not None:
        return 0, ranks, 0.0, subject.origin
    if not subject.findings:
        return len(KINDS) + 1, (0, 0), 0.0, subject.origin
    gravest = subject.findings[0]
    return 1 + KINDS.index(gravest.kind), (0, 0), -gravest.score, subject.origin

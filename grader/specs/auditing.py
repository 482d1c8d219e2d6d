"""Audits a test set for copies inside it and for images that were trained on. Changes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.specs.audits import Audit, AuditedImage, Finding, TrainingSource, Unreadable
from grader.specs.listing import labelled_images, unreadable_image
from grader.specs.training_data import recorded_images, training_images
from hidden_test_spec.fingerprints import Fingerprint, fingerprint_all
from hidden_test_spec.labels import label_key, label_lookup
from hidden_test_spec.near_duplicates import (
    MAX_DISTANCE,
    Link,
    find_links,
    find_matches,
    groups_of,
)
from hidden_test_spec.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What to audit.

    Attributes:
        root: The test folder, DIR/<label>/<image>.
        against: Training data: folders, exports, or the records beside them.
        spec: The spec whose classes the folders mean; None takes the folders' names.
        max_distance: Most bits of 64 by which near duplicates differ.
    """

    root: Path
    against: tuple[Path, ...] = ()
    spec: Spec | None = None
    max_distance: int = MAX_DISTANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Images of one place; `prints` is empty until those with files are hashed."""

    path: Path
    images: tuple[AuditedImage, ...]
    prints: tuple[Fingerprint, ...]


def audit_folder(request: AuditRequest, *, on_progress: Callable[[int, int], None]) -> Audit:
    """Find copies of photos inside a test set, and photos that occur in training data.

    Args:
        request: What to audit.
        on_progress: Called with images hashed and images in all.

    Raises:
        BadInputError: If the folder could not be graded on, or training data can't be used.
    """
    images = tuple(
        AuditedImage(path=image.path, name=image.name, label=image.label)
        for image in labelled_images(request.root, spec=request.spec)
    )
    listed = [_list_source(path, root=request.root) for path in request.against]
    tests, *sources = _hash_all(
        [_Known(path=request.root, images=images, prints=()), *listed], on_progress=on_progress
    )
    links = find_links(tests.prints, max_distance=request.max_distance)
    classes = _classes(images, spec=request.spec)
    findings = [_finding(link, tests.images, tests.images, classes=classes) for link in links]
    leaked: set[int] = set()
    for source in sources:
        matches = find_matches(tests.prints, source.prints, max_distance=request.max_distance)
        leaked |= {link.first for link in matches}
        findings += [
            _finding(link, tests.images, source.images, classes=classes, source=source.path)
            for link in matches
        ]
    return Audit(
        root=request.root,
        n_images=len(images),
        n_photos=_n_photos(tests.prints, links),
        n_leaked=len(leaked) if sources else None,
        max_distance=request.max_distance,
        findings=tuple(findings),
        sources=tuple(_as_source(source) for source in sources),
        unreadable=_unreadable(tests),
    )


def _classes(images: Iterable[AuditedImage], *, spec: Spec | None) -> dict[str, str]:
    """The label of each class by the keys of all folder names that mean it."""
    labels = {image.label: () for image in images if image.label is not None}
    return label_lookup(labels) if spec is None else spec.lookup()


def _finding(
    link: Link,
    images: Sequence[AuditedImage],
    others: Sequence[AuditedImage],
    *,
    classes: Mapping[str, str],
    source: Path | None = None,
) -> Finding:
    """A link between positions as a finding about images."""
    image, other = images[link.first], others[link.second]
    first, second = (classes.get(label_key(one.label or "")) for one in (image, other))
    return Finding(
        kind=link.kind,
        distance=link.distance,
        is_confirmed=link.is_confirmed,
        image=image,
        other=other,
        source=source,
        across_classes=None if first is None or second is None else first != second,
    )


def _list_source(path: Path, *, root: Path) -> _Known:
    """Training data before its files are hashed."""
    if path.is_file():
        recorded = recorded_images(path)
        return _Known(path=path, images=recorded.images, prints=recorded.prints)
    images = training_images(path, apart_from=root)
    return _Known(path=path, images=images, prints=())


def _hash_all(
    places: Sequence[_Known], *, on_progress: Callable[[int, int], None]
) -> tuple[_Known, ...]:
    """Every place with the fingerprints of its images."""
    paths = [path for place in places for image in place.images if (path := image.path) is not None]
    try:
        prints = iter(
            fingerprint_all(paths, on_done=lambda n_done: on_progress(n_done, len(paths)))
        )
    except OSError as error:
        raise unreadable_image(error, str(error.filename)) from error
    return tuple(
        _Known(
            path=place.path,
            images=place.images,
            prints=place.prints or tuple(next(prints) for _ in place.images),
        )
        for place in places
    )


def _n_photos(prints: Sequence[Fingerprint], links: Sequence[Link]) -> int:
    groups = groups_of(len(prints), links)
    return sum(prints[group[0]].problem is None for group in groups)


def _as_source(source: _Known) -> TrainingSource:
    return TrainingSource(
        path=source.path,
        n_images=len(source.images),
        has_pictures=any(image.path is not None for image in source.images),
        unreadable=tuple(one.name for one in _unreadable(source)),
    )


def _unreadable(place: _Known) -> tuple[Unreadable, ...]:
    return tuple(
        Unreadable(name=image.name, problem=one.problem)
        for image, one in zip(place.images, place.prints, strict=True)
        if image.name is not None and one.problem is not None
    )

"""Whole audits: the one place that knows the order of the checks. Changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hidden_test_spec.errors import quote_all
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.cleaning.audit.appearances import appearance_findings
from pipeline.cleaning.audit.duplicates import duplicate_findings
from pipeline.cleaning.audit.files import file_findings
from pipeline.cleaning.audit.findings import MIN_SIDE_PX, Audit, Finding, Guess, PhotoFacts, by_kind
from pipeline.cleaning.audit.memory import Memory
from pipeline.cleaning.audit.photos import Photo, decodable, read_photos
from pipeline.errors import MissingLibraryError, PipelineError, WeightsError
from pipeline.folders import bad_folder_error, list_class_folders
from pipeline.libraries import needing
from pipeline.progress import Report, step


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """The settings of an audit.

    Attributes:
        min_side_px: Photos whose smaller side is below this are too small.
        seed: Fixes the folds that labels are guessed with.
        extensions: The file endings that mark an image.
        memory: The file in which audits remember photos; None remembers nothing.
    """

    min_side_px: int = MIN_SIDE_PX
    seed: int = 5
    extensions: tuple[str, ...] = IMAGE_EXTENSIONS
    memory: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """What the checks that need a network found, and why some were left out.

    What is missing can be installed; what was skipped makes no sense for these photos.
    """

    findings: tuple[Finding, ...] = ()
    guesses: tuple[Guess, ...] = ()
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def audit_images(images: Path, settings: AuditSettings, report: Report) -> Audit:
    """Check every photo in a folder of class folders.

    Checks whose libraries or weights are missing are left out, and the audit says so.

    Raises:
        BadInputError: If the folder holds no images in class folders.
        FileAccessError: If a file can't be read.
    """
    folder = list_class_folders(images, extensions=settings.extensions)
    if not folder.n_images:
        fault = "it holds no images in class folders; name the folder around the class folders"
        raise bad_folder_error(images, [fault])
    memory = Memory(settings.memory)
    with step(f"Reading and hashing {folder.n_images} images", report):
        photos = read_photos(folder, memory, report)
    usable = decodable(photos)
    findings = [*file_findings(photos, min_side_px=settings.min_side_px)]
    findings += duplicate_findings(photos)
    missing: list[str] = []
    with step("Looking for dark, blurry and odd photos", report):
        findings += _or_missing(lambda: appearance_findings(usable, memory, report), missing)
    with step("Looking for wrong labels and outliers", report):
        learned = _learn(usable, settings, memory, report)
    others = (_others_sentence(folder.other_files),) if folder.other_files else ()
    guess_of = dict(zip((photo.image for photo in usable), learned.guesses, strict=False))
    return Audit(
        root=images,
        photos=tuple(_facts(photo, guess_of.get(photo.image)) for photo in photos),
        findings=tuple(sorted([*findings, *learned.findings], key=by_kind)),
        skipped=(*missing, *others, *learned.missing, *learned.skipped),
        is_complete=not (missing or learned.missing),
    )


def _learn(
    photos: Sequence[Photo], settings: AuditSettings, memory: Memory, report: Report
) -> _Learned:
    from pipeline.cleaning.audit.labels import label_findings, outlier_findings  # noqa: PLC0415
    from pipeline.cleaning.audit.out_of_fold import guess_out_of_fold, guesses  # noqa: PLC0415 - heavy

    if not photos:
        return _Learned()
    try:
        features = _features(photos, memory, report)
    except (MissingLibraryError, WeightsError) as error:
        return _Learned(missing=(f"Labels and outliers were not checked: {_told(error)}",))
    missing: list[str] = []
    findings = [*_or_missing(lambda: outlier_findings(photos, features, memory), missing)]
    probabilities = guess_out_of_fold(photos, features, seed=settings.seed)
    if probabilities is None:
        sentence = (
            "Labels were not checked: that needs two classes, and two different photos of each."
        )
        return _Learned(findings=tuple(findings), missing=tuple(missing), skipped=(sentence,))
    guessed = guesses(photos, probabilities)
    findings += _or_missing(lambda: label_findings(photos, probabilities, guessed), missing)
    return _Learned(
        findings=tuple(findings), guesses=guessed, missing=tuple(dict.fromkeys(missing))
    )


def _features(photos: Sequence[Photo], memory: Memory, report: Report) -> NDArray[np.float32]:
    """The features of photos, shape (n_photos, 1280); the network is loaded for new ones only."""

    def look(missing: Sequence[int]) -> Iterator[bytes]:
        with needing("pipeline"):
            from pipeline.cleaning.audit.photo_features import photo_features  # noqa: PLC0415
        for row in photo_features([photos[at].path for at in missing], report):
            yield row.tobytes()

    hashes = [photo.fingerprint.sha256 for photo in photos]
    known = memory.each(hashes, f"features 1, timm {version('timm')}", look)
    return np.stack([np.frombuffer(one, dtype=np.float32) for one in known])


def _or_missing(check: Callable[[], Iterable[Finding]], missing: list[str]) -> tuple[Finding, ...]:
    """What a check finds; if its library is missing, nothing, and why in `missing`."""
    try:
        return tuple(check())
    except MissingLibraryError as error:
        missing.append(f"Not everything was checked: {_told(error)}")
        return ()


def _told(error: PipelineError) -> str:
    """What is missing and what to do about it, on one line."""
    return f"{error.what}. {error.advice[:1].upper()}{error.advice[1:]}"


def _facts(photo: Photo, guess: Guess | None) -> PhotoFacts:
    width_px, height_px = (None, None) if photo.size_px is None else photo.size_px
    return PhotoFacts(
        image=photo.image,
        label=photo.label,
        size_bytes=photo.size_bytes,
        width_px=width_px,
        height_px=height_px,
        guess=guess,
    )


def _others_sentence(names: Sequence[str]) -> str:
    subject = (
        "1 file is not an image, judging by its name"
        if len(names) == 1
        else (f"{len(names)} files are not images, judging by their names")
    )
    return f"{subject}: {quote_all(names)}."

"""Oddities that don't end a grading, as notices for the report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.loading.provenance import own_sidecar
from grader.results.answers import TestSet
from grader.results.report import ImageRecord, Notice, NoticeCode
from grader.results.scores import Unreadable
from grader.scoring.comparison import ScoredModel
from hidden_test_spec.rules import Scope
from hidden_test_spec.spec import Spec


def folder_notices(test_set: TestSet, *, spec: Spec | None) -> Iterator[Notice]:
    """Notices about the test folder.

    Args:
        test_set: The images.
        spec: The contract; None when graded without one.
    """
    present = {image.label for image in test_set.images}
    without_images = tuple(label for label in test_set.labels if label not in present)
    if without_images:
        yield Notice(code="classes_without_images", n=len(without_images), labels=without_images)
    if test_set.other_files:
        names = test_set.other_files
        yield Notice(code="other_files", n=len(names), images=names)
    min_side_px = 1 if spec is None else spec.limits.min_side_px
    with_header = [
        (image.name, image.header) for image in test_set.images if image.header is not None
    ]
    small = tuple(name for name, header in with_header if header.shorter_side_px < min_side_px)
    if small:
        yield Notice(code="small_images", n=len(small), of=min_side_px, images=small)
    rotated = tuple(name for name, header in with_header if header.is_rotated)
    if rotated:
        yield Notice(code="rotated_images", n=len(rotated), of=len(test_set.images), images=rotated)


def image_notices(images: Sequence[ImageRecord], *, unreadable: Unreadable) -> Iterator[Notice]:
    """Notices about images that can't be read, about copies, and about the number of images.

    Args:
        images: All of the test set.
        unreadable: What becomes of those that can't be read.
    """
    broken = tuple(image.name for image in images if image.unreadable is not None)
    if broken:
        code: NoticeCode = "unreadable_left_out" if unreadable == "left_out" else "unreadable_wrong"
        yield Notice(code=code, n=len(broken), of=len(images), images=broken)
    label_of = {image.name: image.label for image in images}
    copies = tuple(image for image in images if image.same_photo_as is not None)
    if copies:
        names = tuple(image.name for image in copies)
        yield Notice(code="copies", n=len(copies), of=len(images), images=names)
    across = tuple(
        image.name for image in copies if label_of[image.same_photo_as or ""] != image.label
    )
    if across:
        yield Notice(code="copies_across_classes", n=len(across), of=len(images), images=across)
    n_scored = Counter(image.label for image in images if image.unreadable is None)
    single = tuple(label for label, n_images in n_scored.items() if n_images == 1)
    if single:
        yield Notice(code="single_images", n=len(single), labels=single)


def rubric_notices(spec: Spec | None, *, n_models: int) -> Iterator[Notice]:
    """The notice that a rubric asks about the first stage, but no baseline was given."""
    criteria = () if spec is None else spec.rubric.criteria
    scopes = {criterion.parsed_rule.scope for criterion in criteria}
    if n_models == 1 and Scope.AGAINST_FIRST_STAGE in scopes:
        yield Notice(code="no_baseline")


def model_notices(model: ScoredModel, images: Sequence[ImageRecord]) -> Iterator[Notice]:
    """Notices about one model.

    Args:
        model: The model, its answers and scores.
        images: The test set, whose hashes are compared with the record beside the export.
    """
    name = Path(model.info.path).name
    n_repeats = len(model.info.vocab) - len(model.predictions.vocab_labels)
    if n_repeats:
        yield Notice(code="repeated_classes", n=n_repeats, model=name)
    metrics = model.scores.metrics
    if metrics.n_ties:
        yield Notice(code="ties", n=metrics.n_ties, of=metrics.n_scored, model=name)
    sidecar = own_sidecar(Path(model.info.path), sha256=model.info.sha256)
    trained_on = (
        set()
        if sidecar is None
        else {image.sha256 for image in sidecar.images if image.part != "test"}
    )
    seen = tuple(image.name for image in images if image.sha256 in trained_on)
    if seen:
        yield Notice(code="seen_in_training", n=len(seen), of=len(images), model=name, images=seen)

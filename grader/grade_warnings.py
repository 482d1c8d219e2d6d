"""What is odd about a grading but did not end it, as sentences for the report."""

from collections.abc import Iterator, Sequence

from grader.results import TestSet
from grader.scoring.comparison import ScoredModel
from grader.testset import small_images
from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.rules import Scope
from hidden_test_spec.spec import Spec


def grade_warnings(
    test_set: TestSet, models: Sequence[ScoredModel], *, spec: Spec | None
) -> tuple[str, ...]:
    """Sentences about the test folder, then about the rubric, then about each model.

    Args:
        test_set: The images; their headers are read where the spec asks for a size.
        models: The candidate, then the baseline where there is one.
        spec: The contract; None when graded without one.
    """
    rubric = () if spec is None else _about_rubric(spec, n_models=len(models))
    about_models = (sentence for model in models for sentence in _about_model(model))
    return (*_about_folder(test_set, spec), *rubric, *about_models)


def _about_folder(test_set: TestSet, spec: Spec | None) -> Iterator[str]:
    present = {image.label for image in test_set.images}
    without_images = [label for label in test_set.labels if label not in present]
    if without_images:
        yield f"Classes without images, so without a recall: {quote_all(without_images)}."
    if test_set.other_files:
        n_other, names = len(test_set.other_files), quote_all(test_set.other_files)
        yield f"{n_other} other files are no images in a class folder: {names}."
    min_side_px = 1 if spec is None else spec.limits.min_side_px
    small = small_images(test_set, min_side_px=min_side_px)
    if small:
        yield f"{len(small)} images have a side below {min_side_px} px: {quote_all(small)}."


def _about_rubric(spec: Spec, *, n_models: int) -> Iterator[str]:
    scopes = {criterion.parsed_rule.scope for criterion in spec.rubric.criteria}
    if n_models == 1 and Scope.AGAINST_FIRST_STAGE in scopes:
        yield "The rubric asks about the first stage, and no baseline was given."


def _about_model(model: ScoredModel) -> Iterator[str]:
    name = quote(model.info.path)
    n_repeats = len(model.info.vocab) - len(model.predictions.vocab_labels)
    if n_repeats:
        yield (
            f"The vocab of {name} names {n_repeats} classes more than once; "
            "their probabilities were summed."
        )
    metrics = model.scores.metrics
    if metrics.n_ties:
        yield (
            f"On {metrics.n_ties} of {metrics.n_scored} images {name} gives several classes the "
            "same highest probability; which one counts was drawn from the image's hash."
        )

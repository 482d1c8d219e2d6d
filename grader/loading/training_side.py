"""Whether the network saw images in training normalised as they will be for grading."""

from collections.abc import Iterator

from grader.loading.inspection import Export, Finding
from grader.loading.nodes import Node
from grader.loading.objects import attributes_of, class_of, items_of
from grader.loading.transform_reading import (
    RefusedTransformError,
    read_transform,
    transform_finding,
)
from grader.results.preprocessing import Standardize, TensorStep

_NORMALIZE = "fastai.data.transforms.Normalize"
_MAX_TRANSFORMS = 500


def training_findings(export: Export, batch_steps: tuple[TensorStep, ...]) -> Iterator[Finding]:
    """What the training side says of the normalisation.

    Args:
        export: Of fastai 2.
        batch_steps: What the validation side does to a batch.
    """
    used = [step for step in batch_steps if isinstance(step, Standardize)]
    try:
        steps = [
            read_transform(node, "batch", export.graph).step for node in _normalizations(export)
        ]
    except RefusedTransformError as error:
        yield transform_finding("refusal", f"in training, {error}")
        return
    if steps != used:
        what = "its images were normalised otherwise in training than they are for grading"
        yield transform_finding("warning", what)


def _normalizations(export: Export) -> list[Node]:
    loaders = items_of(attributes_of(export.attributes.get("dls")).get("loaders")) or ()
    pipeline = attributes_of(next(iter(loaders), None)).get("after_batch")
    transforms = items_of(attributes_of(pipeline).get("fs")) or ()
    classes = [(node, class_of(node)) for node in transforms[:_MAX_TRANSFORMS]]
    return [node for node, made in classes if made is not None and made.path == _NORMALIZE]

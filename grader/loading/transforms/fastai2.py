"""What an export of fastai 2 does to a validation image, read from the inert graph.

Nothing of it is called. A transform that is not known in every setting is refused by name, never
skipped; all of them are named at once. Exports of fastai 1 are left to `fastai1.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from grader.loading.inert.nodes import Node
from grader.loading.inert.objects import attributes_of, class_of, items_of
from grader.loading.learner.inspection import Export, Finding, Severity
from grader.loading.learner.learner_parts import MAX_TRANSFORMS, training_loader_of
from grader.loading.learner.versions import Generation, fastai2_generation
from grader.loading.transforms.fastai1 import read_fastai1
from grader.loading.transforms.image_sources import read_image_mode
from grader.loading.transforms.known_transforms import NORMALIZE, Target
from grader.loading.transforms.transform_reading import (
    ADVICE,
    ReadTransform,
    RefusedTransformError,
    read_transform,
    transform_finding,
)
from grader.results.preprocessing import (
    ImageMode,
    ImageStep,
    Preprocessing,
    ResizeImage,
    ResizeLongest,
    Standardize,
    TensorStep,
    ToFloat,
)

_MAX_FOLLOWED = 32
_OLD_PADDING: tuple[Generation, ...] = ("2.0", "2.1 to 2.3")
_MIXED_PADDING: Generation = "2.4 to 2.5"


def read_preprocessing(export: Export) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
    """What happens to an image, as our own steps.

    Args:
        export: Of fastai 1 or 2.

    Returns:
        The steps, None if there is a reason against them; and every finding, in the order in which
        fastai would reach them.
    """
    if export.data:
        return read_fastai1(export.data, export.model)
    reading = _Reading(export)
    mode = reading.mode()
    image_steps, tensor_steps = reading.item_steps()
    reading.refuse_list_transforms()
    batch_steps = reading.batch_steps(
        is_float=any(isinstance(one, ToFloat) for one in tensor_steps)
    )
    reading.findings.extend(_training_findings(export, batch_steps))
    findings = tuple(reading.findings)
    if mode is None or reading.n_refusals():
        return None, findings
    preprocessing = Preprocessing(
        mode=mode,
        image_steps=image_steps,
        tensor_steps=tensor_steps,
        batch_steps=batch_steps,
        left_out=tuple(reading.left_out),
    )
    return preprocessing, findings


@dataclass(slots=True)
class _Reading:
    """Findings so far, while the pipelines are read one after another."""

    export: Export
    findings: list[Finding] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def mode(self) -> ImageMode | None:
        """The image mode that files are converted to."""
        try:
            return read_image_mode(self.export)
        except RefusedTransformError as error:
            self._refuse(str(error), advice=error.advice)
            return None

    def item_steps(self) -> tuple[tuple[ImageStep, ...], tuple[TensorStep, ...]]:
        """The steps before one image becomes a tensor, and those after it."""
        target: Target = "picture"
        image_steps: list[ImageStep] = []
        tensor_steps: list[TensorStep] = []
        for node in self._few(self.export.after_item):
            read = self._read(node, target)
            target = "tensor" if read.makes_tensor else target
            if isinstance(read.step, ImageStep):
                image_steps.append(self._in_its_version(read.step))
            elif read.step is not None:
                tensor_steps.append(read.step)
        if target == "picture":
            self._refuse("its images don't become tensors: ToTensor is missing")
        return tuple(image_steps), tuple(tensor_steps)

    def refuse_list_transforms(self) -> None:
        """Refuse transforms between images and batches, which no honest classifier needs."""
        for node in self._few(self.export.before_batch):
            if self._read(node, "batch").step is not None:
                self._refuse("its images go through a transform before they form a batch")

    def batch_steps(self, *, is_float: bool) -> tuple[TensorStep, ...]:
        """The steps of a batch; if it isn't floating point yet, the first must make it so."""
        n_before = self.n_refusals()
        reads = [self._read(node, "batch").step for node in self._few(self.export.after_batch)]
        steps = tuple(step for step in reads if isinstance(step, TensorStep))
        is_read = self.n_refusals() == n_before
        if is_read and not is_float and not (steps and isinstance(steps[0], ToFloat)):
            self._refuse("its batches don't become floating point: IntToFloatTensor is missing")
        return steps

    def n_refusals(self) -> int:
        """How many reasons against grading were found so far."""
        return sum(finding.severity == "refusal" for finding in self.findings)

    def _read(self, node: Node, target: Target) -> ReadTransform:
        try:
            read = read_transform(node, target, self.export.graph)
        except RefusedTransformError as error:
            self._refuse(str(error), advice=error.advice)
            return ReadTransform()
        if read.finding is not None:
            self.findings.append(read.finding)
        if read.left_out is not None:
            self.left_out.append(read.left_out)
        return read

    def _in_its_version(self, step: ImageStep) -> ImageStep:
        """The step as in the export's own version of fastai, with notes on what is uncertain."""
        if isinstance(step, ResizeLongest):
            what = "RatioResize cuts off at random what rounding leaves; here it is cut evenly"
            self._tell("warning", what)
        if not isinstance(step, ResizeImage) or step.method != "pad":
            return step
        generation = fastai2_generation(self.export.graph, frozenset(self.export.attributes))
        if generation == _MIXED_PADDING:
            what = "it may pad one pixel less than fastai 2.5.2 and later, whose rule is used here"
            self._tell("note", what)
        return replace(step, skips_single_pixel=generation in _OLD_PADDING)

    def _refuse(self, what: str, *, advice: str = ADVICE) -> None:
        self.findings.append(transform_finding("refusal", what, advice=advice))

    def _few(self, transforms: tuple[Node, ...]) -> tuple[Node, ...]:
        """The transforms of a pipeline; more than an honest pipeline has are refused."""
        if len(transforms) > _MAX_FOLLOWED:
            self._refuse(f"a pipeline has {len(transforms)} transforms, more than {_MAX_FOLLOWED}")
        return transforms[:_MAX_FOLLOWED]

    def _tell(self, severity: Severity, what: str) -> None:
        self.findings.append(transform_finding(severity, what))


def _training_findings(export: Export, batch_steps: tuple[TensorStep, ...]) -> Iterator[Finding]:
    """Findings from comparing the normalisation with that of the training side.

    Args:
        export: Of fastai 2.
        batch_steps: The steps of a batch on the validation side.
    """
    used = [step for step in batch_steps if isinstance(step, Standardize)]
    try:
        steps = [
            read_transform(node, "batch", export.graph).step for node in _normalizations(export)
        ]
    except RefusedTransformError as error:
        yield transform_finding("refusal", f"in training, {error}", advice=error.advice)
        return
    if steps != used:
        what = "its images were normalised differently in training than they are for grading"
        yield transform_finding("warning", what)


def _normalizations(export: Export) -> list[Node]:
    pipeline = attributes_of(training_loader_of(export.attributes)).get("after_batch")
    transforms = items_of(attributes_of(pipeline).get("fs")) or ()
    classes = [(node, class_of(node)) for node in transforms[:MAX_TRANSFORMS]]
    return [node for node, made in classes if made is not None and made.path == NORMALIZE]

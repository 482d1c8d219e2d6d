"""Finds the parts of an exported learner where fastai 1 and fastai 2 keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.loading.inert.nodes import CallNode, DictNode, Node, path_of
from grader.loading.inert.objects import attributes_of, class_of, items_of
from grader.loading.learner.inspection import Task
from grader.loading.refusal import RefusedExportError

MAX_TRANSFORMS = 500

_LEARNER = "fastai.learner.Learner"
_FASTAI1_KEYS = frozenset(("model", "data", "cls", "loss_func"))
_TASK_OF_TARGET: Mapping[str, Task] = {
    "fastai.data.transforms.Categorize": "single-label",
    "fastai.data.transforms.MultiCategorize": "multi-label",
    "fastai.data.transforms.EncodedMultiCategorize": "multi-label",
    "fastai.data.transforms.OneHotEncode": "multi-label",
    "fastai.data.transforms.RegressionSetup": "regression",
}
_TASK_OF_LABELS: Mapping[str, Task] = {
    "fastai.data_block.CategoryList": "single-label",
    "fastai.data_block.MultiCategoryList": "multi-label",
    "fastai.data_block.FloatList": "regression",
}
_CATEGORY_PROCESSORS = (
    "fastai.data_block.CategoryProcessor",
    "fastai.data_block.MultiCategoryProcessor",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LearnerParts:
    """The parts that were found; missing ones are None or empty.

    Attributes:
        attributes: The learner's own attributes; in fastai 1 the keys of the exported dict.
        data: fastai 1's description of its data; empty in fastai 2.
        model: The model.
        task: The kind of its targets.
        vocab: The list of classes.
        after_item: Transforms of one item on the validation side.
        before_batch: The same for a list of items.
        after_batch: The same for a batch.
        input_transforms: What turns a path into an input.
        target_transforms: What turns a path into a target.
        loss: The loss function.
        metrics: The learner's metrics.
        callbacks: The learner's callbacks.
        optimizer: The function that makes the optimizer.
    """

    attributes: Mapping[str, Node] = field(default_factory=dict)
    data: Mapping[str, Node] = field(default_factory=dict)
    model: Node = None
    task: Task = "unknown"
    vocab: Node = None
    after_item: tuple[Node, ...] = ()
    before_batch: tuple[Node, ...] = ()
    after_batch: tuple[Node, ...] = ()
    input_transforms: tuple[Node, ...] = ()
    target_transforms: tuple[Node, ...] = ()
    loss: Node = None
    metrics: tuple[Node, ...] = ()
    callbacks: tuple[Node, ...] = ()
    optimizer: Node = None


def is_learner(root: Node) -> bool:
    """Whether the object is what fastai 2's learn.export() writes."""
    made = class_of(root)
    return made is not None and made.path == _LEARNER


def is_fastai1_learner(root: Node) -> bool:
    """Whether the object is what fastai 1's learn.export() writes."""
    return isinstance(root, DictNode) and root.by_name().keys() >= _FASTAI1_KEYS


def parts_of_learner(root: CallNode) -> LearnerParts:
    """The parts of a fastai 2 learner, on the validation side where the sides differ.

    Raises:
        RefusedExportError: If it has no data loaders, or a pipeline has too many transforms.
    """
    attributes = root.attributes()
    if not _loaders_of(attributes):
        raise RefusedExportError(what="the learner has no data loaders", where="learner, dls")
    loader = attributes_of(validation_loader_of(attributes))
    datasets = attributes_of(loader.get("dataset"))
    lists = items_of(datasets.get("tls")) or ()
    n_inputs = datasets.get("n_inp")
    split = n_inputs if isinstance(n_inputs, int) else 1
    pipelines = [_transforms(attributes_of(one).get("tfms")) for one in lists]
    targets = tuple(transform for pipeline in pipelines[split:] for transform in pipeline)
    return LearnerParts(
        attributes=attributes,
        model=attributes.get("model"),
        task=_task(targets),
        vocab=_vocab(targets),
        after_item=_transforms(loader.get("after_item")),
        before_batch=_transforms(loader.get("before_batch")),
        after_batch=_transforms(loader.get("after_batch")),
        input_transforms=tuple(one for pipeline in pipelines[:split] for one in pipeline),
        target_transforms=targets,
        loss=attributes.get("loss_func"),
        metrics=items_of(attributes.get("_metrics")) or (),
        callbacks=items_of(attributes.get("cbs")) or (),
        optimizer=attributes.get("opt_func"),
    )


def training_loader_of(attributes: Mapping[str, Node]) -> Node:
    """The training set's data loader, from a fastai 2 learner's attributes; None if missing."""
    return next(iter(_loaders_of(attributes)), None)


def validation_loader_of(attributes: Mapping[str, Node]) -> Node:
    """The data loader that fastai 2 uses for new images: the second, or else the only one."""
    return next(iter(_loaders_of(attributes)[1:]), training_loader_of(attributes))


def _loaders_of(attributes: Mapping[str, Node]) -> tuple[Node, ...]:
    return items_of(attributes_of(attributes.get("dls")).get("loaders")) or ()


def parts_of_fastai1(root: DictNode) -> LearnerParts:
    """The parts of a fastai 1 learner."""
    attributes = root.by_name()
    described = attributes["data"]
    data = described.by_name() if isinstance(described, DictNode) else {}
    processors = [one for one in items_of(data.get("y_proc")) or () if isinstance(one, CallNode)]
    categories = [one for one in processors if one.class_path in _CATEGORY_PROCESSORS]
    labels = path_of(data.get("y_cls")) or ""
    return LearnerParts(
        attributes=attributes,
        data=data,
        model=attributes["model"],
        task=_TASK_OF_LABELS.get(labels, "unknown"),
        vocab=categories[0].attributes().get("classes") if categories else None,
        after_item=items_of(data.get("tfms")) or (),
        input_transforms=(data.get("x_cls"),),
        target_transforms=(data.get("y_cls"),),
        loss=attributes["loss_func"],
        metrics=items_of(attributes.get("metrics")) or (),
        callbacks=(
            *(items_of(attributes.get("callback_fns")) or ()),
            *(items_of(attributes.get("callbacks")) or ()),
        ),
        optimizer=attributes.get("opt_func"),
    )


def _transforms(pipeline: Node) -> tuple[Node, ...]:
    transforms = items_of(attributes_of(pipeline).get("fs")) or ()
    if len(transforms) > MAX_TRANSFORMS:
        raise RefusedExportError(
            what=f"a pipeline has more than {MAX_TRANSFORMS} transforms", where="learner, dls"
        )
    return transforms


def _task(targets: tuple[Node, ...]) -> Task:
    tasks = [
        _TASK_OF_TARGET[made.path]
        for made in map(class_of, targets)
        if made is not None and made.path in _TASK_OF_TARGET
    ]
    others = [task for task in tasks if task != "single-label"]
    if others:
        return others[0]
    return "single-label" if len(tasks) == 1 else "unknown"


def _vocab(targets: tuple[Node, ...]) -> Node:
    """The list of classes of the first categorising transform; fastai wraps it in a map."""
    for target in targets:
        vocab = attributes_of(target).get("vocab")
        if vocab is not None:
            return attributes_of(vocab).get("items", vocab)
    return None

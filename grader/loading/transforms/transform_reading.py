"""One transform of fastai 2: its step on the validation side, or why it is refused.

A class and its name are not enough: an object may act on the other side than its class does, carry
a function of its own, or have settings that the grader doesn't follow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.loading.inert.functions import bound_method_of, returns_its_argument, sole_function_of
from grader.loading.inert.nodes import CallNode, InertGraph, Node, TensorNode, path_of
from grader.loading.inert.objects import ClassName, attributes_of, class_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.inspection import Finding, Severity
from grader.loading.transforms.known_transforms import (
    KNOWN_TRANSFORMS,
    PLAIN_TRANSFORMS,
    TO_TENSOR,
    KnownTransform,
    Target,
)
from grader.loading.transforms.own_transforms import effect_of, split_of_class
from grader.loading.transforms.transform_settings import Settings, UnknownSettingError
from grader.results.preprocessing import ImageStep, TensorStep
from hidden_test_spec.errors import plain, quote

_WHERE = "transforms"
ADVICE = "use fastai's own transforms with their usual settings, and export again"

_TRAIN_ONLY = (
    "if it acts in training only, set split_idx to 0 on the object, as "
    "super().__init__(split_idx=0) does, and export again; in validation, use fastai's own"
)
NOOPS = ("fastai.imports.noop", "fastcore.imports.noop", "fastcore.basics.noop")
_AUGMENT = "fastai/vision/augment.py"
# What fastai keeps on a transform without an effect on the validation side.
_IDLE = frozenset(
    (
        *("__signature__", "__stored_args__", "init_enc", "mat", "nm"),
        *("aff_fs", "coord_fs", "fs", "space_fn", "draw", "draw_x", "draw_y"),
    )
)
_MAX_EDGES = 200
_TRAINING, _VALIDATION = 0, 1


class RefusedTransformError(Exception):
    """A transform that the grader can't follow; the text is a clause that names it."""

    def __init__(self, what: str, *, advice: str = ADVICE) -> None:
        """Keep the advice for its finding."""
        super().__init__(what)
        self.advice = advice


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTransform:
    """The result of reading one transform.

    Attributes:
        step: What it does; None if it does nothing on the validation side.
        left_out: Its name, if it is left out without knowing what it would do.
        makes_tensor: Whether it is the step from a picture to a tensor.
        finding: What people should know about it.
    """

    step: ImageStep | TensorStep | None = None
    left_out: str | None = None
    makes_tensor: bool = False
    finding: Finding | None = None


def transform_finding(severity: Severity, what: str, *, advice: str = ADVICE) -> Finding:
    """A finding about transforms.

    Args:
        severity: Only a refusal has advice.
        what: May contain names of the file; their control characters are escaped.
        advice: What to do about it.
    """
    kept = advice if severity == "refusal" else ""
    return Finding(severity=severity, what=plain(what), where=_WHERE, advice=kept)


def read_transform(node: Node, target: Target, graph: InertGraph) -> ReadTransform:
    """What one transform does to a validation image.

    Args:
        node: The transform.
        target: What the image is when the transform's turn comes.
        graph: The export's graph.

    Raises:
        RefusedTransformError: If it acts on images and the grader doesn't know how.
    """
    made = class_of(node)
    if made is None or not isinstance(node, CallNode):
        raise RefusedTransformError("its images go through something that is not a transform")
    attributes = node.attributes()
    if made.path in PLAIN_TRANSFORMS and not made.is_by_value:
        return _plain(node)
    known = None if made.is_by_value else KNOWN_TRANSFORMS.get(made.path)
    if made.path == TO_TENSOR and not made.is_by_value:
        _refuse_own_functions(node, made)
        return ReadTransform(makes_tensor=target == "picture" and _acts(attributes, None, made))
    if known is None:
        return _own(node, made, graph)
    _refuse_own_functions(node, made)
    side = _TRAINING if known.trains_only else None
    if not known.asks_each_time and not _acts(attributes, side, made):
        return ReadTransform()
    return _known(known, attributes, made, target)


def name_of_transform(transform: Node) -> str:
    """The name that fastai has for a function that it made a transform from."""
    name = attributes_of(transform).get("_name")
    return quote(name) if isinstance(name, str) else "a function"


def leaves_things_alone(transform: Node) -> bool:
    """Whether a function that fastai made a transform from returns its argument."""
    if attributes_of(transform).keys().isdisjoint(("init_enc", "encodes")):
        return True
    function = sole_function_of(transform)
    return path_of(function) in NOOPS or returns_its_argument(function, is_method=False)


def _plain(transform: CallNode) -> ReadTransform:
    trains_only = transform.attributes().get("split_idx") == _TRAINING
    if trains_only or leaves_things_alone(transform):
        return ReadTransform()
    name = name_of_transform(transform)
    raise RefusedTransformError(
        f"its images go through the function {name}, which needs the submission's own code",
        advice=_TRAIN_ONLY,
    )


def _known(
    known: KnownTransform, attributes: Mapping[str, Node], made: ClassName, target: Target
) -> ReadTransform:
    name = made.path.rpartition(".")[2]
    if known.read is None:
        raise RefusedTransformError(
            f"its images go through {name}, which changes them at random, in validation too"
        )
    if attributes.get("do", True) is not True and not known.asks_each_time:
        raise RefusedTransformError(f"its images go through {name}, which is half switched off")
    if known.target == "picture" and target != "picture":
        what = f"{name} comes after images have become tensors, so it does nothing"
        return ReadTransform(finding=transform_finding("note", what))
    one = known.read_one if target == "tensor" else None
    read = known.read if known.target == target else one
    if read is None:
        raise RefusedTransformError(
            f"its images go through {name} one by one, which works on batches only"
        )
    try:
        return ReadTransform(step=read(Settings(attributes)))
    except UnknownSettingError as error:
        raise RefusedTransformError(f"its images go through {name}, {error}") from error


def _own(node: CallNode, made: ClassName, graph: InertGraph) -> ReadTransform:
    home, _, name = made.path.rpartition(".")
    shown = f"{quote(name)} defined in {quote(home)}"
    if node.attributes().get("split_idx", split_of_class(node, graph)) == _TRAINING:
        return _left_out(
            name, f"its images would go through {shown}, in training only, by its own setting"
        )
    effect = effect_of(node, graph)
    if effect == "none":
        return ReadTransform()
    if effect == "unseen" and home == "__main__":
        return _left_out(
            name,
            f"its images would go through {shown}: its code isn't in the file, so it is left out",
        )
    raise RefusedTransformError(
        f"its images go through {shown}, which the grader does not know", advice=_TRAIN_ONLY
    )


def _left_out(name: str, what: str) -> ReadTransform:
    return ReadTransform(left_out=name, finding=transform_finding("warning", what))


def _acts(attributes: Mapping[str, Node], side: int | None, made: ClassName) -> bool:
    """Whether an object acts in validation; its own setting takes precedence over its class's."""
    found = attributes.get("split_idx", side)
    if found not in (None, _TRAINING, _VALIDATION) or isinstance(found, (bool, float)):
        raise RefusedTransformError(
            f"its images go through {quote(made.path)}, whose split_idx is odd"
        )
    return found != _TRAINING


def _refuse_own_functions(node: CallNode, made: ClassName) -> None:
    """Refuse attributes that would act in place of the class's own methods."""
    for name, value in node.attributes().items():
        if name in _IDLE or isinstance(value, TensorNode):
            continue
        if name == "before_call" and _is_own_method(value, node):
            continue
        try:
            plain_value(value, max_edges=_MAX_EDGES)
        except NotPlainError as error:
            raise RefusedTransformError(
                f"its images go through {made.path.rpartition('.')[2]}, whose {quote(name)} "
                f"is replaced by {error}"
            ) from error


def _is_own_method(value: Node, owner: CallNode) -> bool:
    method = bound_method_of(value)
    if method is None or method.owner is not owner or method.name != "before_call":
        return False
    return method.file is None or method.file.endswith(_AUGMENT)

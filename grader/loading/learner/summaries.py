"""Short names and plain attributes of an export's parts, for people to read."""

from reprlib import Repr

from grader.loading.inert.functions import FUNCTION_MAKERS
from grader.loading.inert.nodes import CallNode, GlobalNode, Node, TensorNode, described, is_call_of
from grader.loading.inert.objects import attributes_of, class_named_by, class_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.inert.tensors import numbers_of
from grader.loading.learner.inspection import TransformSummary

MAX_SUMMARIES = 100
_MAX_ATTRIBUTES = 40

_MAX_EDGES = 200
_MAX_WRAPPERS = 8
_MAX_NAME_CHARACTERS = 100
_MAX_TEXT_CHARACTERS = 2000
# Objects that are called by the name of the function or object inside them.
_WRAPPERS = (
    "fastai.learner.AvgMetric",
    "fastai.metrics.AccumMetric",
    "fastai.layers.FlattenedLoss",
    "fastai.basic_train.AverageMetric",
)
_PARTIALS = ("functools.partial", "functools.reduce")


def name_of(node: Node) -> str:
    """The name that people use for a metric, loss, callback or optimizer."""
    for _ in range(_MAX_WRAPPERS):
        if isinstance(node, CallNode) and is_call_of(node, _PARTIALS) and node.args:
            node = node.args[0]
            continue
        made = class_of(node)
        inner = attributes_of(node).get("func") if made and made.path in _WRAPPERS else None
        if inner is None:
            return _last_name(node)
        node = inner
    return described(node)


def _last_name(node: Node) -> str:
    if isinstance(node, GlobalNode):
        return node.name
    made = class_of(node) or class_named_by(node)
    if made is not None:
        return made.path.rpartition(".")[2]
    if is_call_of(node, FUNCTION_MAKERS):
        return "a function of its own"
    return described(node)


def summary_of(transform: Node) -> TransformSummary:
    """A transform's class and its plain attributes; long ones are cut."""
    made = class_of(transform) or class_named_by(transform)
    shown = []
    attributes = (
        transform.attributes(at_most=_MAX_ATTRIBUTES) if isinstance(transform, CallNode) else {}
    )
    for name, value in attributes.items():
        text = None if name.startswith("_") else _text_of(value)
        if text is not None:
            shown.append((name[:_MAX_NAME_CHARACTERS], text[:_MAX_TEXT_CHARACTERS]))
    path = made.path if made else described(transform)
    return TransformSummary(class_path=path, attributes=tuple(shown))


def _text_of(value: Node) -> str | None:
    if isinstance(value, TensorNode):
        return _tensor_text(value)
    try:
        plain = plain_value(value, max_edges=_MAX_EDGES)
    except NotPlainError:
        return None
    return Repr().repr(plain)


def _tensor_text(tensor: TensorNode) -> str:
    """The numbers of a small tensor, the shape of any other."""
    values = numbers_of(tensor)
    if values is None:
        return f"{tensor.dtype} of shape {tensor.shape}"
    return ", ".join(f"{value:g}" for value in values)

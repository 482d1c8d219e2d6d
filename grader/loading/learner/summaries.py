"""Short names and plain attributes of an export's parts, for people to read."""

import struct
from collections.abc import Mapping
from reprlib import Repr
from types import MappingProxyType

from grader.loading.inert.functions import FUNCTION_MAKERS
from grader.loading.inert.nodes import CallNode, GlobalNode, Node, TensorNode, described, is_call_of
from grader.loading.inert.objects import attributes_of, class_named_by, class_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.inspection import TransformSummary

MAX_SUMMARIES = 100
MAX_ATTRIBUTES = 40

_MAX_EDGES = 200
_MAX_SHOWN_VALUES = 16
_MAX_WRAPPERS = 8
# Objects that are known by the function or object inside them.
_WRAPPERS = (
    "fastai.learner.AvgMetric",
    "fastai.metrics.AccumMetric",
    "fastai.layers.FlattenedLoss",
    "fastai.basic_train.AverageMetric",
)
_PARTIALS = ("functools.partial", "functools.reduce")
_STRUCT_OF_DTYPE: Mapping[str, str] = MappingProxyType(
    {"float32": "f", "float64": "d", "float16": "e", "int64": "q", "int32": "i", "uint8": "B"}
)


def name_of(node: Node) -> str:
    """The name by which people know a metric, loss, callback or optimizer."""
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
    """A transform's class and its plain attributes, cut where they are long."""
    made = class_of(transform) or class_named_by(transform)
    shown = []
    attributes = (
        transform.attributes(at_most=MAX_ATTRIBUTES) if isinstance(transform, CallNode) else {}
    )
    for name, value in attributes.items():
        text = None if name.startswith("_") else _text_of(value)
        if text is not None:
            shown.append((name, text))
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
    """The numbers of a small contiguous tensor, the shape of any other."""
    steps, contiguous = 1, True
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.strides), strict=True):
        contiguous = contiguous and (size == 1 or stride == steps)
        steps *= size
    letter = _STRUCT_OF_DTYPE.get(tensor.dtype)
    if letter is None or not contiguous or tensor.n_elements > _MAX_SHOWN_VALUES:
        return f"{tensor.dtype} of shape {tensor.shape}"
    layout = struct.Struct(f"<{tensor.n_elements}{letter}")
    offset = tensor.offset * struct.calcsize(f"<{letter}")
    values = layout.unpack_from(tensor.storage.data, offset)
    return ", ".join(f"{value:g}" for value in values)

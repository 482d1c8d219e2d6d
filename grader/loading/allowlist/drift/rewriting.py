"""Records that only a function of their own brings up to date."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from grader.loading.inert.nodes import Node, TensorNode
from grader.loading.learner.inspection import ModuleRecord

IDENTITY = "torch.nn.modules.linear.Identity"
SEQUENTIAL = "torch.nn.modules.container.Sequential"
_UNFLATTEN = "torch.nn.modules.flatten.Unflatten"

# Models whose features were those of their pooled head before timm 0.6, and the head's last layer.
_POOLED = MappingProxyType(
    {
        "timm.models.mobilenetv3.MobileNetV3": "conv_head",
        "timm.models.ghostnet.GhostNet": "conv_head",
    }
)
# Every model of timm has this attribute since 0.6.
_MARK = "grad_checkpointing"


def child_of(
    parent: ModuleRecord,
    name: str,
    class_path: str,
    *,
    children: tuple[tuple[str, ModuleRecord | None], ...] = (),
    attributes: Mapping[str, Node] = MappingProxyType({}),
) -> ModuleRecord:
    """A new record below a parent, without numbers of its own."""
    return replace(
        parent,
        path=f"{parent.path}.{name}" if parent.path else name,
        class_path=class_path,
        is_by_value=False,
        parameters=(),
        buffers=(),
        children=children,
        attributes=MappingProxyType(dict(attributes)),
        hooks=(),
    )


def with_children(
    record: ModuleRecord, children: Mapping[str, ModuleRecord | None]
) -> ModuleRecord:
    """The record with these children, in the places of those with the same names."""
    kept = dict(record.children)
    attributes = {name: v for name, v in record.attributes.items() if name not in children}
    return replace(
        record,
        children=tuple({**kept, **children}.items()),
        attributes=MappingProxyType(attributes),
    )


def with_pooled_features(record: ModuleRecord, old: ModuleRecord) -> ModuleRecord:
    """A body whose features are what its model answers: pooled, of one row and one column."""
    model, before = dict(record.children).get("model"), dict(old.children).get("model")
    if model is None or before is None or _MARK in before.attributes:
        return record
    last = _POOLED.get(model.class_path)
    head = dict(model.children).get(last) if last else None
    weight = dict(head.parameters).get("weight") if head else None
    if not isinstance(weight, TensorNode) or not record.attributes.get("needs_pool"):
        return record
    shape: dict[str, Node] = {"dim": 1, "unflattened_size": (weight.shape[0], 1, 1)}
    pixel = child_of(record, "pixel", _UNFLATTEN, attributes=shape)
    pooled = child_of(record, "model", SEQUENTIAL, children=(("0", model), ("1", pixel)))
    attributes = MappingProxyType({**record.attributes, "needs_pool": False})
    return replace(with_children(record, {"model": pooled}), attributes=attributes)


def with_plain_shortcut(record: ModuleRecord, old: ModuleRecord) -> ModuleRecord:
    """A block of a regnet; before timm 0.6, without a shortcut the input was added as it is."""
    first = dict(old.children).get("conv1")
    is_old = first is not None and first.class_path.endswith(".ConvBnAct")
    if not is_old or dict(record.children).get("downsample") is not None:
        return record
    return with_children(record, {"downsample": child_of(record, "downsample", IDENTITY)})


def with_filled_fusions(record: ModuleRecord, _old: ModuleRecord) -> ModuleRecord:
    """A module of an hrnet in which what was skipped is an Identity."""
    fusions = dict(record.children).get("fuse_layers")
    if fusions is None:
        return record
    rows = tuple((name, row and _filled(row)) for name, row in fusions.children)
    return with_children(record, {"fuse_layers": replace(fusions, children=rows)})


def _filled(row: ModuleRecord) -> ModuleRecord:
    children = tuple((name, child or child_of(row, name, IDENTITY)) for name, child in row.children)
    return replace(row, children=children)

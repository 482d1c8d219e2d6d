"""What today's attributes follow from, and what tells an old record, as it is read."""

from collections.abc import Callable

from grader.loading.inert.nodes import Node, TensorNode
from grader.loading.learner.inspection import ModuleRecord

_IDLE = ("torch.nn.modules.linear.Identity", "torch.nn.modules.dropout.Dropout")


def attribute(name: str) -> Callable[[ModuleRecord], Node]:
    """The value of another attribute; None where the record lacks that too."""
    return lambda record: record.attributes.get(name)


def size_of(name: str, dimension: int) -> Callable[[ModuleRecord], Node]:
    """The size of a tensor of the record along a dimension; None without the tensor."""

    def size(record: ModuleRecord) -> Node:
        found = dict((*record.parameters, *record.buffers)).get(name)
        return found.shape[dimension] if isinstance(found, TensorNode) else None

    return size


def channels_of(child: str) -> Callable[[ModuleRecord], Node]:
    """How many channels a child gives: those of the first convolution or matrix in it."""

    def channels(record: ModuleRecord) -> Node:
        found = dict(record.children).get(child)
        while found is not None:
            weight = dict(found.parameters).get("weight")
            if isinstance(weight, TensorNode):
                return weight.shape[0]
            found = next((one for _, one in found.children if one is not None), None)
        return None

    return channels


def product_of(name: str) -> Callable[[ModuleRecord], Node]:
    """The area of a rectangle that an attribute gives by its sides, or by the one of a square."""

    def product(record: ModuleRecord) -> Node:
        match record.attributes.get(name):
            case (int(height), int(width)):
                return height * width
            case int(side):
                return side * side
        return None

    return product


def share_of(child: str, *, parts: int) -> Callable[[ModuleRecord], Node]:
    """The channels of a child, in so many parts."""
    channels = channels_of(child)

    def share(record: ModuleRecord) -> Node:
        found = channels(record)
        return found // parts if isinstance(found, int) else None

    return share


def share_of_head(child: str, *, parts: int) -> Callable[[ModuleRecord], Node]:
    """The same for each of a record's attention heads."""
    share = share_of(child, parts=parts)

    def share_of_one(record: ModuleRecord) -> Node:
        found, n_heads = share(record), record.attributes.get("num_heads")
        are_counts = isinstance(found, int) and isinstance(n_heads, int) and n_heads > 0
        return found // n_heads if are_counts else None  # type: ignore[operator] # both are ints

    return share_of_one


def has_working(*names: str) -> Callable[[ModuleRecord], bool]:
    """Whether one of these children does anything."""

    def works(record: ModuleRecord) -> bool:
        children = dict(record.children)
        found = [children[name] for name in names if children.get(name) is not None]
        return any(child is not None and child.class_path not in _IDLE for child in found)

    return works


def attends_last(record: ModuleRecord) -> bool:
    """Whether it is a block of timm before 0.6 that has an attention."""
    first = dict(record.children).get("conv1")
    is_old = first is not None and first.class_path.endswith(".ConvBnAct")
    return is_old and has_working("attn")(record)

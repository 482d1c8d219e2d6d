"""What a pickle would do to an object that exists already, written down beside that object."""

from grader.loading.nodes import CallNode, DictNode, ListNode, Node, SetNode, described
from grader.loading.pickle_stack import PickleMisuse


def record_appended(target: Node, items: list[Node]) -> None:
    """Items for a list, or for an object that would be one.

    Raises:
        PickleMisuse: If it is neither.
    """
    match target:
        case ListNode(items=there) | CallNode(appended=there):
            there.extend(items)
        case _:
            raise PickleMisuse(f"appends to {described(target)}")


def record_added(target: Node, items: list[Node]) -> None:
    """Members for a set, or for an object that would be one.

    Raises:
        PickleMisuse: If it is neither.
    """
    match target:
        case SetNode(items=there, is_frozen=False) | CallNode(appended=there):
            there.extend(items)
        case _:
            raise PickleMisuse(f"adds members to {described(target)}")


def record_items(target: Node, keys_and_values: list[Node]) -> None:
    """Pairs for a dict, or for an object that would be one.

    Raises:
        PickleMisuse: If it is neither, or a value is missing.
    """
    match target:
        case DictNode(pairs=there) | CallNode(pairs=there):
            there.extend(paired(keys_and_values))
        case _:
            raise PickleMisuse(f"sets items of {described(target)}")


def record_state(target: Node, state: Node) -> None:
    """The state of an object that a call would make.

    Raises:
        PickleMisuse: If no call made it, or it has a state already.
    """
    if not isinstance(target, CallNode):
        raise PickleMisuse(f"sets attributes of {described(target)}")
    if target.state is not None:
        raise PickleMisuse("sets the state of one object twice")
    target.state = state


def paired(keys_and_values: list[Node]) -> list[tuple[Node, Node]]:
    """A flat list of keys and values, two by two.

    Raises:
        PickleMisuse: If a value is missing.
    """
    if len(keys_and_values) % 2:
        raise PickleMisuse("sets a key without a value")
    return list(zip(keys_and_values[::2], keys_and_values[1::2], strict=True))

"""The pickle machine's stack, marks and memo, and the changes that opcodes make to its records.

Limits prevent crashes, and anything that no pickler writes is an error, not a guess.
"""

from grader.loading.inert.nodes import CallNode, DictNode, ListNode, Node, SetNode, described

_MAX_MARKS = 10_000
_MAX_MEMO = 1_000_000


class PickleMisuse(Exception):  # noqa: N818 - never leaves the machine, which makes a refusal of it
    """Something that no pickler writes; the text completes "its pickle ..."."""


class PickleStack:
    """Objects in the order of their making, divided into levels by marks, and a numbered memo.

    Attributes:
        dropped: What was thrown away, in order.
    """

    def __init__(self) -> None:
        self.dropped: list[Node] = []
        self._level: list[Node] = []
        self._outer: list[list[Node]] = []
        self._memo: dict[int, Node] = {}

    def push(self, node: Node) -> None:
        """Put a node on top."""
        self._level.append(node)

    def pop(self) -> Node:
        """Remove the top node of this level and return it.

        Raises:
            PickleMisuse: If there is none.
        """
        if not self._level:
            raise PickleMisuse("takes an object where there is none")
        return self._level.pop()

    def pop_tuple(self, size: int) -> tuple[Node, ...]:
        """Remove nodes from this level and return them as a tuple, the first made first.

        Raises:
            PickleMisuse: If there are fewer.
        """
        if len(self._level) < size:
            raise PickleMisuse("takes an object where there is none")
        nodes = tuple(self._level[-size:])
        del self._level[-size:]
        return nodes

    def top(self) -> Node:
        """The top node of this level.

        Raises:
            PickleMisuse: If there is none.
        """
        if not self._level:
            raise PickleMisuse("uses an object where there is none")
        return self._level[-1]

    def mark(self) -> None:
        """Begin a new level.

        Raises:
            PickleMisuse: If there are too many.
        """
        if len(self._outer) >= _MAX_MARKS:
            raise PickleMisuse(f"has more than {_MAX_MARKS} marks inside each other")
        self._outer.append(self._level)
        self._level = []

    def pop_to_mark(self) -> list[Node]:
        """End this level and return its nodes, the first made first.

        Raises:
            PickleMisuse: If it is the outermost.
        """
        if not self._outer:
            raise PickleMisuse("goes back to a mark where there is none")
        nodes, self._level = self._level, self._outer.pop()
        return nodes

    def drop(self) -> None:
        """Throw away the top node, or the mark if the level is empty.

        Raises:
            PickleMisuse: If there is neither.
        """
        if self._level or not self._outer:
            self.dropped.append(self.pop())
        else:
            self.pop_to_mark()

    def drop_to_mark(self) -> None:
        """Throw away a whole level.

        Raises:
            PickleMisuse: If it is the outermost.
        """
        self.dropped.extend(self.pop_to_mark())

    def keep(self, number: int | None) -> None:
        """Keep the top node in the memo, under the next number if None is given.

        Raises:
            PickleMisuse: If the number is out of range.
        """
        number = len(self._memo) if number is None else number
        if not 0 <= number <= _MAX_MEMO:
            raise PickleMisuse(f"keeps an object under the number {number}")
        self._memo[number] = self.top()

    def recall(self, number: int) -> None:
        """Push the node that was kept under a number.

        Raises:
            PickleMisuse: If there is no such node.
        """
        if number not in self._memo:
            raise PickleMisuse(f"uses object number {number}, which it never kept")
        self.push(self._memo[number])

    def forget_twin(self) -> None:
        """Remove the latest dropped node from the list if the top node is another copy of it.

        That is how pickle ends an object that contains itself: it drops the second copy.
        """
        match self.dropped[-1:], self._level[-1]:
            case [CallNode() as dropped], CallNode() as kept:
                if described(dropped) == described(kept):
                    self.dropped.pop()

    def last(self) -> Node:
        """Remove the only node and return it.

        Raises:
            PickleMisuse: If it isn't the only one.
        """
        node = self.pop()
        if self._level or self._outer:
            raise PickleMisuse("leaves more than one object")
        return node


def record_appended(target: Node, items: list[Node]) -> None:
    """Add items to a list, or to an object that would be a list.

    Raises:
        PickleMisuse: If it is neither.
    """
    match target:
        case ListNode(items=there) | CallNode(appended=there):
            there.extend(items)
        case _:
            raise PickleMisuse(f"appends to {described(target)}")


def record_added(target: Node, items: list[Node]) -> None:
    """Add members to a set, or to an object that would be a set.

    Raises:
        PickleMisuse: If it is neither.
    """
    match target:
        case SetNode(items=there, is_frozen=False) | CallNode(appended=there):
            there.extend(items)
        case _:
            raise PickleMisuse(f"adds members to {described(target)}")


def record_items(target: Node, keys_and_values: list[Node]) -> None:
    """Add pairs to a dict, or to an object that would be a dict.

    Raises:
        PickleMisuse: If it is neither, or a value is missing.
    """
    match target:
        case DictNode(pairs=there) | CallNode(pairs=there):
            there.extend(paired(keys_and_values))
        case _:
            raise PickleMisuse(f"sets items of {described(target)}")


def record_state(target: Node, state: Node) -> None:
    """Set the state of an object that a call would make.

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

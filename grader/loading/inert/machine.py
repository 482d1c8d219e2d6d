"""The pickle machine, executed on inert nodes, one opcode at a time.

Where Python's unpickler would import, call or set, this one records the request. Anything that no
pickler writes (state for a string, items for an imported name, a second state) is refused.
"""

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

from grader.loading.inert.nodes import (
    CallNode,
    DictNode,
    GlobalNode,
    ListNode,
    Node,
    Opcode,
    SetNode,
)
from grader.loading.inert.opcodes import opcodes_of
from grader.loading.inert.pickle_stack import (
    PickleMisuse,
    PickleStack,
    paired,
    record_added,
    record_appended,
    record_items,
    record_state,
)
from grader.loading.inert.tensors import tensor_of
from grader.loading.refusal import RefusedExportError

MAX_OPCODES = 1_000_000
_MAX_NAME_CHARACTERS = 1000

_PYTHON3_PROTOCOL = 3


class Machine:
    """One reading of one pickle, or of several in a row.

    Attributes:
        protocol: Of the latest pickle, 0 to 5.
        n_opcodes: How many opcodes were executed so far.
        globals: Every name so far, in order of appearance.
        calls: Every call so far, in order, including those whose result was thrown away.
        stack: The stack of the latest pickle.
        resolve: Returns the node for a persistent id; it may refuse.
        begin: Where in the stream the latest pickle begins.
        position: Where in the stream the latest opcode is.
        dropped_at: Where in the stream the latest POP is; -1 before the first.
    """

    def __init__(self, resolve: Callable[[Node], Node]) -> None:
        self.protocol = 0
        self.n_opcodes = 0
        self.globals: dict[tuple[str, str], GlobalNode] = {}
        self.calls: list[CallNode] = []
        self.stack = PickleStack()
        self.resolve = resolve
        self.begin = 0
        self.position = 0
        self.dropped_at = -1

    def run(self, stream: BytesIO) -> Node:
        """Execute one pickle and return the node that it leaves.

        Args:
            stream: Read from its current position to just after the STOP.

        Raises:
            RefusedExportError: If the pickle is broken, too large, or does what no honest one does.
        """
        self.protocol = 0
        self.stack = PickleStack()
        self.begin = self.position = stream.tell()
        try:
            for name, argument, self.position in opcodes_of(stream):
                _count_opcode(self)
                _STEPS[name](self, argument)
            return self.stack.last()
        except PickleMisuse as misuse:
            raise RefusedExportError(
                what=f"its pickle {misuse}", where=f"pickle, byte {self.position}"
            ) from misuse


def _count_opcode(machine: Machine) -> None:
    machine.n_opcodes += 1
    if machine.n_opcodes > MAX_OPCODES:
        raise PickleMisuse(f"has more than {MAX_OPCODES} opcodes")


def _keep_protocol(machine: Machine, protocol: int) -> None:
    if machine.position != machine.begin:
        raise PickleMisuse("names its protocol in the middle")
    machine.protocol = protocol


def _drop(machine: Machine, _: None) -> None:
    machine.stack.drop()
    machine.dropped_at = machine.position


def _recall(machine: Machine, number: int) -> None:
    machine.stack.recall(number)
    if machine.dropped_at == machine.position - 1:
        machine.stack.forget_twin()


def _tuple_of(machine: Machine, size: int) -> None:
    machine.stack.push(machine.stack.pop_tuple(size))


def _append(machine: Machine, _: None) -> None:
    item = machine.stack.pop()
    record_appended(machine.stack.top(), [item])


def _append_marked(machine: Machine, _: None) -> None:
    items = machine.stack.pop_to_mark()
    record_appended(machine.stack.top(), items)


def _add_marked(machine: Machine, _: None) -> None:
    items = machine.stack.pop_to_mark()
    record_added(machine.stack.top(), items)


def _set_item(machine: Machine, _: None) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    record_items(machine.stack.top(), [key, value])


def _set_marked(machine: Machine, _: None) -> None:
    items = machine.stack.pop_to_mark()
    record_items(machine.stack.top(), items)


def _build(machine: Machine, _: None) -> None:
    state = machine.stack.pop()
    record_state(machine.stack.top(), state)


def _global(machine: Machine, names: tuple[str, str]) -> None:
    machine.stack.push(_named(machine, *names))


def _stack_global(machine: Machine, _: None) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise PickleMisuse("imports something that is not named by two strings")
    machine.stack.push(_named(machine, module, name))


def _named(machine: Machine, module: str, name: str) -> GlobalNode:
    if len(module) + len(name) > _MAX_NAME_CHARACTERS:
        raise PickleMisuse(f"has a name of {len(module) + len(name)} characters")
    if machine.protocol < _PYTHON3_PROTOCOL:
        module, name = NAME_MAPPING.get((module, name), (module, name))
        module = IMPORT_MAPPING.get(module, module)
    return machine.globals.setdefault((module, name), GlobalNode(module, name))


def _persistent(machine: Machine, _: None) -> None:
    machine.stack.push(machine.resolve(machine.stack.pop()))


def _reduce(machine: Machine, _: None) -> None:
    args, function = _args(machine), machine.stack.pop()
    tensor = tensor_of(function, args)
    if tensor is None:
        _call(machine, "REDUCE", function, args)
    else:
        machine.stack.push(tensor)


def _new_object(machine: Machine, _: None) -> None:
    args, made = _args(machine), machine.stack.pop()
    _call(machine, "NEWOBJ", made, args)


def _new_object_ex(machine: Machine, _: None) -> None:
    kwargs, args, made = machine.stack.pop(), _args(machine), machine.stack.pop()
    if not isinstance(kwargs, DictNode):
        raise PickleMisuse("calls with keyword arguments that aren't a dict")
    _call(machine, "NEWOBJ_EX", made, args, kwargs)


def _object(machine: Machine, _: None) -> None:
    made, *args = machine.stack.pop_to_mark() or (None,)
    _call(machine, "OBJ", made, tuple(args))


def _instance(machine: Machine, names: tuple[str, str]) -> None:
    args = tuple(machine.stack.pop_to_mark())
    _call(machine, "INST", _named(machine, *names), args)


def _args(machine: Machine) -> tuple[Node, ...]:
    args = machine.stack.pop()
    if not isinstance(args, tuple):
        raise PickleMisuse("calls with arguments that aren't a tuple")
    return args


def _call(
    machine: Machine,
    opcode: Opcode,
    function: Node,
    args: tuple[Node, ...],
    kwargs: DictNode | None = None,
) -> None:
    call = CallNode(
        opcode=opcode, function=function, args=args, kwargs=kwargs, position=machine.position
    )
    machine.calls.append(call)
    machine.stack.push(call)


_LITERALS = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_CONSTANTS = (("NONE", None), ("NEWTRUE", True), ("NEWFALSE", False), ("EMPTY_TUPLE", ()))


def _pusher(node: Node) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.stack.push(node)


_STEPS: Mapping[str, Callable[[Machine, Any], None]] = MappingProxyType(
    {
        **{name: lambda machine, argument: machine.stack.push(argument) for name in _LITERALS},
        **{name: _pusher(node) for name, node in _CONSTANTS},
        "EMPTY_LIST": lambda machine, _: machine.stack.push(ListNode()),
        "EMPTY_DICT": lambda machine, _: machine.stack.push(DictNode()),
        "EMPTY_SET": lambda machine, _: machine.stack.push(SetNode()),
        "TUPLE": lambda machine, _: machine.stack.push(tuple(machine.stack.pop_to_mark())),
        "TUPLE1": lambda machine, _: _tuple_of(machine, 1),
        "TUPLE2": lambda machine, _: _tuple_of(machine, 2),
        "TUPLE3": lambda machine, _: _tuple_of(machine, 3),
        "LIST": lambda machine, _: machine.stack.push(ListNode(machine.stack.pop_to_mark())),
        "DICT": lambda machine, _: machine.stack.push(
            DictNode(paired(machine.stack.pop_to_mark()))
        ),
        "FROZENSET": lambda machine, _: machine.stack.push(
            SetNode(machine.stack.pop_to_mark(), is_frozen=True)
        ),
        "MARK": lambda machine, _: machine.stack.mark(),
        "POP": _drop,
        "POP_MARK": lambda machine, _: machine.stack.drop_to_mark(),
        "DUP": lambda machine, _: machine.stack.push(machine.stack.top()),
        **{
            name: lambda machine, number: machine.stack.keep(number)
            for name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")
        },
        **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
        "APPEND": _append,
        "APPENDS": _append_marked,
        "ADDITEMS": _add_marked,
        "SETITEM": _set_item,
        "SETITEMS": _set_marked,
        "BUILD": _build,
        "GLOBAL": _global,
        "STACK_GLOBAL": _stack_global,
        "REDUCE": _reduce,
        "NEWOBJ": _new_object,
        "NEWOBJ_EX": _new_object_ex,
        "OBJ": _object,
        "INST": _instance,
        "BINPERSID": _persistent,
        "PROTO": _keep_protocol,
        "FRAME": lambda _machine, _: None,
        "STOP": lambda _machine, _: None,
    }
)

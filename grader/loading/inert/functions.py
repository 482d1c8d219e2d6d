"""Functions of an export: by name, or as code in the file that is recognised, never run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from grader.loading.inert.nodes import (
    CallNode,
    DictNode,
    GlobalNode,
    Node,
    is_call_of,
    path_of,
    walk,
)
from grader.loading.inert.objects import attributes_of, items_of
from grader.loading.inert.plain import NotPlainError, plain_value

_MAX_WALK = 10_000

FUNCTION_MAKERS = ("cloudpickle.cloudpickle._make_function", "dill._dill._create_function")
# Called to get a type by its name, which is called in turn to make a method or a code object.
TYPE_GIVERS = ("cloudpickle.cloudpickle._builtin_type", "dill._dill._load_type")
# The versions of Python by the number of parts of a code object.
PYTHON_OF_CODE_PARTS: Mapping[int, str] = MappingProxyType({16: "3.8 to 3.10", 18: "3.11 or later"})

_CODE_AT, _NAMES_AT = 6, 8
_MAX_CODE = 100
_MAX_PARTS = 20
_MAX_PATH = 1000
_NO_FILE = "<dynamic-code>"
# Bytecode of `def f(self, x): return x` in Python 3.8 to 3.10, 3.11 to 3.12, and 3.13.
_RETURNS_SECOND = (
    bytes.fromhex("7c015300"),
    bytes.fromhex("97007c015300"),
    bytes.fromhex("950055012400"),
)
# The same for `def f(x): return x`.
_RETURNS_FIRST = (
    bytes.fromhex("7c005300"),
    bytes.fromhex("97007c005300"),
    bytes.fromhex("950055002400"),
)
# The same for `def f(x): return NAME.method(x)`, up to Python 3.10, then in 3.11, 3.12 and 3.13,
# each also for a name that is imported in the same cell or file.
_CALLS_METHOD = (
    bytes.fromhex("7400a0017c00a1015300"),
    bytes.fromhex(f"970074{'00' * 11}a001{'00' * 20}7c00a6010000ab01{'00' * 8}5300"),
    bytes.fromhex(f"97007401{'00' * 10}6a01{'00' * 8}7c00a6010000ab01{'00' * 8}5300"),
    bytes.fromhex(f"970074{'00' * 9}6a03{'00' * 18}7c00ab01{'00' * 6}5300"),
    bytes.fromhex(f"97007401{'00' * 8}6a02{'00' * 18}7c00ab01{'00' * 6}5300"),
    bytes.fromhex(f"95005b{'00' * 9}5203{'00' * 18}55003501{'00' * 6}2400"),
    bytes.fromhex(f"95005b{'00' * 9}5202{'00' * 18}220055003501{'00' * 6}2400"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundMethod:
    """A method and what it is bound to.

    Attributes:
        owner: A class or an object.
        name: The function's name.
        file: Where its code came from, with forward slashes; None if it is known by name only.
    """

    owner: Node
    name: str
    file: str | None = None


def sole_function_of(transform: Node) -> Node:
    """The function that fastai made a transform from; None if there is none, or more than one."""
    attributes = attributes_of(transform)
    given = attributes.get("init_enc")  # before fastai 2.8; a list where there are several
    if given is not None:
        return given
    dispatcher = attributes_of(attributes.get("encodes"))
    function = dispatcher.get("_f")
    methods = attributes_of(dispatcher.get("_resolver")).get("methods")
    used = methods.appended if isinstance(methods, CallNode) else []
    unused = items_of(dispatcher.get("_pending")) or ()
    choices = [
        *(attributes_of(one).get("implementation") for one in used),
        *(one[0] if isinstance(one, tuple) and one else one for one in unused),
    ]
    is_sole = all(one is function or _are_one_name(one, function) for one in choices)
    return function if is_sole else None


def _are_one_name(one: Node, other: Node) -> bool:
    return isinstance(one, GlobalNode) and one == other


def bound_method_of(node: Node) -> BoundMethod | None:
    """A method that was pickled as an attribute of its owner, or as a function and its owner."""
    match node:
        case GlobalNode(module=module, name=path) if "." in path:
            owner, _, name = path.rpartition(".")
            return BoundMethod(owner=GlobalNode(module, owner), name=name)
        case CallNode(args=(owner, str(name))) if path_of(node.function) == "builtins.getattr":
            return BoundMethod(owner=owner, name=name)
        case CallNode(args=(function, owner)) if _is_method_type(node.function):
            return _bound(function, owner)
    return None


def _bound(function: Node, owner: Node) -> BoundMethod | None:
    named = bound_method_of(function) if not is_call_of(function, FUNCTION_MAKERS) else None
    if named is not None:
        return BoundMethod(owner=owner, name=named.name)
    origin = origin_of(function)
    if origin is None:
        return None
    file, name = origin
    return BoundMethod(owner=owner, name=name, file=file)


def origin_of(function: Node) -> tuple[str, str] | None:
    """File (with forward slashes) and name of a function whose code is in the export; else None.

    Since cloudpickle 3.1.3 the code has a placeholder instead of its file; then the file is that of
    the module whose names the function uses.
    """
    parts = _parts_of_code(function)
    texts = [part[:_MAX_PATH] for part in parts if isinstance(part, str)]
    if len(texts) < len(("file", "name")):
        return None
    file, name = texts[:2]
    if file == _NO_FILE and isinstance(function, CallNode):
        names = function.args[1] if len(function.args) > 1 else None
        home = names.by_name().get("__file__") if isinstance(names, DictNode) else None
        file = home[:_MAX_PATH] if isinstance(home, str) else file
    return file.replace("\\", "/"), name


def returns_its_argument(function: Node, *, is_method: bool) -> bool:
    """Whether a function's bytecode, read as numbers, does nothing but return what it is given."""
    known = _RETURNS_SECOND if is_method else _RETURNS_FIRST
    return _does(function, known, n_arguments=2 if is_method else 1)


def method_called_by(function: Node, calls: Iterable[CallNode]) -> BoundMethod | None:
    """The method to which a function hands its argument, if its bytecode does nothing else.

    Args:
        function: Its code in the file.
        calls: All of the pickle, among them the one that sets the names that the function uses.
    """
    if not _does(function, _CALLS_METHOD, n_arguments=1):
        return None
    match _parts_of_code(function)[_NAMES_AT]:
        case (str(owner), str(name)):
            known = _names_used_by(function, calls)
            return BoundMethod(owner=known[owner], name=name) if owner in known else None
    return None


def _does(function: Node, known: tuple[bytes, ...], *, n_arguments: int) -> bool:
    parts = _parts_of_code(function)
    if len(parts) not in PYTHON_OF_CODE_PARTS:
        return False
    try:
        argcount, _, _, n_locals = (plain_value(part) for part in parts[:4])
        content = plain_value(parts[_CODE_AT], max_edges=_MAX_CODE)
    except NotPlainError:
        return False
    return content in known and argcount == n_locals == n_arguments


def _names_used_by(function: Node, calls: Iterable[CallNode]) -> dict[str, Node]:
    """The global names of a function and what they stand for."""
    for call in calls:
        match call.args:
            case (filled, (_, DictNode() as slots)) if filled is function:
                known = slots.by_name().get("__globals__")
                return known.by_name() if isinstance(known, DictNode) else {}
    return {}


def functions_in(node: Node) -> Iterator[CallNode]:
    """Every function below a node whose code is in the export.

    Only the first 10,000 nodes are visited.
    """
    for part in islice(walk(node), _MAX_WALK):
        if is_call_of(part, FUNCTION_MAKERS):
            yield part


def _is_method_type(node: Node) -> bool:
    return is_call_of(node, TYPE_GIVERS) and node.args == ("MethodType",)


def _parts_of_code(function: Node) -> tuple[Node, ...]:
    """The first parts of a code object; dill repeats the table of line numbers before them."""
    if not is_call_of(function, FUNCTION_MAKERS) or not function.args:
        return ()
    code = function.args[0]
    parts = code.args[: _MAX_PARTS + 1] if isinstance(code, CallNode) else ()
    return parts if not parts or isinstance(parts[0], int) else parts[1:]

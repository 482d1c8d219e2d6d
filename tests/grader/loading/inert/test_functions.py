import pytest

from grader.loading.inert.functions import (
    BoundMethod,
    bound_method_of,
    functions_in,
    returns_its_argument,
    sole_function_of,
)
from grader.loading.inert.nodes import CallNode, DictNode, GlobalNode, ListNode, Node

PIL_IMAGE = GlobalNode("fastai.vision.core", "PILImage")
NOOP = GlobalNode("fastai.imports", "noop")
IDLE = {"3.8": "7c015300", "3.11": "97007c015300", "3.13": "950055012400"}


def call(path: str, *args: Node) -> CallNode:
    """A record of a call."""
    module, _, name = path.rpartition(".")
    return CallNode("REDUCE", GlobalNode(module, name), args, None, 0)


def code(content: str, *, n_arguments: int = 2, file: str = "a.py", name: str = "f") -> CallNode:
    """A code object of Python 3.11 or later, as cloudpickle writes it."""
    maker = call("cloudpickle.cloudpickle._builtin_type", "CodeType")
    counts: tuple[Node, ...] = (n_arguments, 0, 0, n_arguments, 1, 3)
    parts = (bytes.fromhex(content), (None,), (), ("self", "x"), file, name, name, 1, b"", b"")
    return CallNode("REDUCE", maker, (*counts, *parts, (), ()), None, 0)


def function(made: CallNode) -> CallNode:
    """A function of this code."""
    return call("cloudpickle.cloudpickle._make_function", made, DictNode(), None, None, None)


def method(bound: Node, owner: Node, library: str = "cloudpickle") -> CallNode:
    """A method that was pickled as function and owner."""
    giver = {
        "cloudpickle": "cloudpickle.cloudpickle._builtin_type",
        "dill": "dill._dill._load_type",
    }[library]
    return CallNode("REDUCE", call(giver, "MethodType"), (bound, owner), None, 0)


@pytest.mark.parametrize(
    "node",
    [
        call("builtins.getattr", PIL_IMAGE, "create"),
        GlobalNode("fastai.vision.core", "PILImage.create"),
        method(call("builtins.getattr", PIL_IMAGE, "create"), PIL_IMAGE),
    ],
)
def test_a_method_is_known_by_name(node: Node) -> None:
    """As an attribute of its class, by a dotted name, or as a function of the class."""
    assert bound_method_of(node) == BoundMethod(owner=PIL_IMAGE, name="create")


def test_code_without_a_file_is_of_the_module_whose_names_it_uses() -> None:
    """As cloudpickle 3.1.3 and later write it."""
    made = code("00", file="<dynamic-code>", name="create")
    names = DictNode([("__file__", "C:\\fastai\\vision\\core.py")])
    function_of_module = call("cloudpickle.cloudpickle._make_function", made, names, None)
    found = bound_method_of(method(function_of_module, PIL_IMAGE))
    assert found == BoundMethod(owner=PIL_IMAGE, name="create", file="C:/fastai/vision/core.py")


def test_code_without_a_file_or_a_module_has_no_file() -> None:
    """The placeholder stays, and is not one of fastai's files."""
    made = function(code("00", file="<dynamic-code>", name="create"))
    found = bound_method_of(method(made, PIL_IMAGE))
    assert found == BoundMethod(owner=PIL_IMAGE, name="create", file="<dynamic-code>")


@pytest.mark.parametrize("library", ["cloudpickle", "dill"])
@pytest.mark.parametrize("file", ["C:\\fastai\\vision\\core.py", "C:/fastai/vision/core.py"])
def test_a_method_whose_code_came_along_is_known_by_its_file(library: str, file: str) -> None:
    """With forward slashes on every system."""
    node = method(function(code("00", file=file, name="create")), PIL_IMAGE, library)
    found = bound_method_of(node)
    assert found == BoundMethod(owner=PIL_IMAGE, name="create", file="C:/fastai/vision/core.py")


@pytest.mark.parametrize(
    "node",
    [None, "create", NOOP, call("builtins.getattr", PIL_IMAGE), call("os.system", PIL_IMAGE, "x")],
)
def test_anything_else_is_no_method(node: Node) -> None:
    """Least of all a call of another function with the same arguments."""
    assert bound_method_of(node) is None


@pytest.mark.parametrize("version", IDLE)
def test_code_that_returns_its_argument_is_recognised(version: str) -> None:
    """In the bytecode of each version of Python."""
    assert returns_its_argument(function(code(IDLE[version])), is_method=True)


@pytest.mark.parametrize(
    "made",
    [
        code("97007c005300"),
        code("97007c0153"),
        code("97007c01530000"),
        code(IDLE["3.11"], n_arguments=3),
        code("", n_arguments=2),
    ],
)
def test_other_code_is_not(made: CallNode) -> None:
    """Neither what returns something else, nor what takes more."""
    assert not returns_its_argument(function(made), is_method=True)


def test_a_function_is_no_method() -> None:
    """Its first argument is what it is given."""
    assert returns_its_argument(function(code("97007c005300", n_arguments=1)), is_method=False)
    assert not returns_its_argument(function(code(IDLE["3.11"])), is_method=False)
    assert not returns_its_argument(NOOP, is_method=False)


def test_the_code_of_dill_is_read_too() -> None:
    """It has the table of line numbers once more, before all else."""
    made = code(IDLE["3.11"])
    dilled = call("dill._dill._create_code", b"\x00", *made.args)
    assert returns_its_argument(
        call("dill._dill._create_function", dilled, DictNode()), is_method=True
    )


def test_functions_below_a_node_are_found() -> None:
    """Wherever they are, each once."""
    inner = function(code("00"))
    assert list(functions_in(ListNode([(inner, NOOP), inner]))) == [inner]


def transform(**attributes: Node) -> CallNode:
    """A transform that fastai made of a function."""
    return CallNode(
        "NEWOBJ",
        GlobalNode("fasttransform.transform", "Transform"),
        (),
        None,
        0,
        state=DictNode(list(attributes.items())),
    )


def dispatcher(first: Node, *implementations: Node, pending: tuple[Node, ...] = ()) -> CallNode:
    """What plum chooses a function from."""
    methods = [transform(implementation=one) for one in implementations]
    resolver = transform(methods=CallNode("NEWOBJ", NOOP, (), None, 0, appended=[*methods]))
    return transform(_f=first, _resolver=resolver, _pending=ListNode([*pending]))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (transform(init_enc=NOOP), NOOP),
        (transform(init_enc=None), None),
        (transform(encodes=dispatcher(NOOP, NOOP, GlobalNode("fastai.imports", "noop"))), NOOP),
        (transform(encodes=dispatcher(NOOP, pending=((NOOP, None, 0),))), NOOP),
        (transform(encodes=dispatcher(NOOP, NOOP, PIL_IMAGE)), None),
        (transform(encodes=dispatcher(NOOP, pending=((PIL_IMAGE, None, 0),))), None),
        (transform(), None),
    ],
)
def test_the_only_function_of_a_transform_is_found(node: Node, expected: Node) -> None:
    """None where there is a choice, for the first needn't be the one that is taken."""
    assert sole_function_of(node) == expected

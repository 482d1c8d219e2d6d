"""Small valid exports in every layout, built by code: where the fuzzer starts."""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Iterator

from acceptance.fuzzing.archives import Archive, Part, packed
from tests.hostile import (
    BUILD,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NEWOBJ,
    NONE,
    PERSISTENT,
    POP,
    REDUCE,
    TUPLE_1,
    call,
    dict_of,
    honest_layer,
    keep,
    learner,
    legacy_file,
    listed,
    name,
    number,
    object_of,
    pickle_of,
    recall,
    storage,
    tensor,
    text,
    tuple_of,
)

FLOATS = struct.pack("<4f", 1, 2, 3, 4)
_HOOKS = call("collections", "OrderedDict")
_PADDING = struct.pack("<2H4x", 0x4246, 4)
_LAST_PROTOCOL = 5


def all_seeds() -> dict[str, bytes]:
    """Every seed, by its name."""
    pickles = dict(_pickles())
    zips = {name: packed(_archive(pickled)) for name, pickled in pickles.items()}
    return zips | dict(_layouts(pickles["learner"]))


def _archive(pickled: bytes, **kinds: int) -> Archive:
    """What torch.save writes; `kinds` are attributes of every part."""
    contents = {"data.pkl": pickled, "byteorder": b"little", "data/0": FLOATS, "version": b"3\n"}
    parts = tuple(
        Part(name=f"archive/{key}".encode(), content=content, **kinds)  # type: ignore[arg-type]
        for key, content in contents.items()
    )
    return Archive(parts=parts)


def _layouts(pickled: bytes) -> Iterator[tuple[str, bytes]]:
    """One learner as torch and others have written it over the years."""
    torch = _archive(pickled, flags=0x0808, local_extra=_PADDING)  # type: ignore[arg-type]
    notes = (".format_version", ".storage_alignment", ".data/serialization_id")
    more = tuple(Part(name=f"archive/{note}".encode(), content=b"1") for note in notes)
    yield "torch 2", packed(Archive(parts=torch.parts + more, is_zip64=True))
    yield "packed again", packed(_archive(pickled, method=8, flags=0x0800))
    yield "64-bit sizes", packed(_archive(pickled, is_wide=True))
    yield "64-bit descriptors", packed(_archive(pickled, is_wide=True, flags=8))
    numbers = struct.pack("<q", 4) + FLOATS
    yield "legacy", legacy_file(pickled, keys=["0"], numbers=numbers)
    layer = name("torch.nn", "Linear")
    sourced = tuple_of(text("module"), layer, text("a.py"), text("class Linear")) + PERSISTENT
    again = tuple_of(text("module"), layer, NONE, NONE) + PERSISTENT
    whole = (text("storage"), name("torch", "LongStorage"), text("7"), text("cpu"), number(1), NONE)
    buffer = tensor(tuple_of(*whole) + PERSISTENT, shape=(1,))
    state = pickle_of(dict_of({"model": tuple_of(sourced, again, buffer), "opt": NONE}))
    yield "fastai 1", legacy_file(state, keys=["7"], numbers=struct.pack("<2q", 1, 5))
    as_text = b"L119547037146038801333356L\n.I1001\n.(dVlittle_endian\nI01\ns.(dVa\nI1\ns.(l."
    yield "legacy as text", as_text
    yield "a lone pickle", pickle_of(object_of("fastai.learner", "Learner", {"model": NONE}))


def _pickles() -> Iterator[tuple[str, bytes]]:
    """The pickles of exports, each writing things in another way."""
    yield "learner", pickle_of(learner(text("cat"), text("dog")))
    for protocol in range(_LAST_PROTOCOL + 1):
        yield f"values in protocol {protocol}", pickle.dumps(_values(protocol), protocol)
    kinds = {"tensor": _tensors(), "array": _arrays(), "plain call": _plain_calls()}
    for kind, pushed in (kinds | {"code": _code(), "object": _objects()}).items():
        yield from ((f"{kind} {n}", pickle_of(one)) for n, one in enumerate(pushed, start=1))


def _values(protocol: int) -> list[object]:
    """Values of every kind that a pickler writes without a call."""
    again: list[object] = ["label"]
    again.append(again)
    bare = [None, True, 1, 300, 70_000, -5, 2**40, 2**70, 0.5, "é", "a" * 300, b"xy", again]
    pairs = OrderedDict([("a", (1, 2, 3)), ("b", (1, 2, 3, 4))])
    members = [{"a", "b"}, frozenset({1})] if protocol else []
    return [*bare, pairs, *members, {"x": {"y": ()}}, {}, bytearray(b"z"), b"w" * 300]


def _tensors() -> Iterator[bytes]:
    plain = (storage("0", 4), number(0), tuple_of(number(2)), tuple_of(number(1)))
    full = (*plain, b"\x89", _HOOKS)
    yield tensor(storage("0", 4), shape=(2, 2), strides=(2, 1))
    yield call("torch._utils", "_rebuild_tensor", *plain)
    weight = tensor(storage("0", 4), offset=1, strides=(0,))
    yield call("torch._utils", "_rebuild_parameter", weight, b"\x88", _HOOKS)
    with_state = (weight, b"\x88", _HOOKS, dict_of({}))
    yield call("torch._utils", "_rebuild_parameter_with_state", *with_state)
    image = name("fastai.torch_core", "TensorImage")
    yield call("fastai.torch_core", "_fa_rebuild_tensor", image, *full)
    maker = name("torch._utils", "_rebuild_tensor_v2")
    for module, function in (
        ("torch._tensor", "_rebuild_from_type_v2"),
        ("fastai.torch_core", "_rebuild_from_type"),
    ):
        yield call(module, function, maker, image, tuple_of(*full), dict_of({"a": NONE}))
    yield call("torch._utils", "_rebuild_tensor_v3", *full, name("torch", "float32"), NONE)
    yield honest_layer(tensor(storage("0", 4), shape=(2, 2), strides=(0, 0)))


def _arrays() -> Iterator[bytes]:
    for type_name, content in (
        ("O8", EMPTY_LIST + b"(" + text("cat") + text("dog") + b"e"),
        ("U3", _raw("catdog".encode("utf-32-le"))),
    ):
        made = call("numpy.core.multiarray", "_reconstruct", name("numpy", "ndarray"), NONE, NONE)
        state = (number(1), tuple_of(number(2)), _dtype(type_name), b"\x89", content)
        yield made + tuple_of(*state) + BUILD
    for type_name, content in (("f8", bytes(8)), ("i4", bytes(4)), ("b1", b"\1"), ("u2", bytes(2))):
        yield call("numpy.core.multiarray", "scalar", _dtype(type_name), _raw(content))
    label = _raw("cat\0".encode("utf-32-le"))
    yield call("numpy._core.multiarray", "scalar", _dtype("U4"), label)


def _dtype(type_name: str) -> bytes:
    made = call("numpy", "dtype", text(type_name), b"\x89", b"\x88")
    return made + tuple_of(number(3), text("<"), NONE, NONE, NONE, number(-1)) + BUILD


def _raw(content: bytes) -> bytes:
    """Pushes bytes as protocol 2 writes them."""
    return call("_codecs", "encode", text(content.decode("latin-1")), text("latin1"))


def _plain_calls() -> Iterator[bytes]:
    yield call("builtins", "bytes", b"C\x02ab")
    yield call("builtins", "bytearray", b"C\x02ab")
    yield call("__builtin__", "set", EMPTY_LIST + text("a") + b"a")
    yield call("builtins", "frozenset", tuple_of(number(1), text("b")))
    yield call("builtins", "complex", number(1), b"G" + struct.pack(">d", 0.5))
    pair = tuple_of(text("a"), number(1))
    yield call("collections", "OrderedDict", EMPTY_LIST + pair + b"a") + text("k") + NONE + b"s"
    yield listed(number(1), number(2))
    yield call("fastcore.basics", "fastuple", tuple_of(number(224), number(224)))
    yield call("fastcore.utils", "fastuple")
    yield call("PIL.Image", "Resampling", number(2))
    yield EMPTY_DICT + tuple_of(text("a"), number(1)) + NONE + b"s"


def _code() -> Iterator[bytes]:
    """A student's own function and class, as cloudpickle records them."""
    namespace = dict_of({"__module__": text("__main__")})
    bases = tuple_of(name("builtins", "object"))
    maker = "cloudpickle.cloudpickle"
    own = (name("builtins", "type"), text("Mine"), bases, namespace, NONE, NONE)
    made = call(maker, "_make_skeleton_class", *own) + keep(0)
    filled = call(maker, "_class_setstate", recall(0), EMPTY_TUPLE) + POP
    yield made + filled + EMPTY_TUPLE + NEWOBJ
    copy = call("builtins", "getattr", NONE, text("x"))
    yield tuple_of(copy + keep(1), copy + POP + recall(1))


def _objects() -> Iterator[bytes]:
    """Objects, made by every opcode that can."""
    arguments = dict_of({"size": number(1)})
    yield name("a", "B") + EMPTY_TUPLE + arguments + b"\x92" + EMPTY_DICT + b"b"
    yield text("a") + text("C") + b"\x93" + EMPTY_TUPLE + b"\x81"
    yield b"(" + name("a", "D") + NONE + b"o"
    yield b"(ia\nE\n"
    slots = tuple_of(NONE, dict_of({"x": number(1)}))
    yield call("copyreg", "_reconstructor", name("a", "F"), name("builtins", "object"), NONE) + (
        slots + BUILD
    )
    yield call("a", "Set") + b"\x94(" + text("m") + b"\x90"
    yield name("a", "List") + EMPTY_TUPLE + REDUCE + b"(" + number(1) + b"e"
    yield b"\x8f(" + number(1) + b"\x90" + b"(" + text("q") + b"\x91" + b"\x86"
    yield b"(" + NONE + NONE + b"1" + NONE + TUPLE_1

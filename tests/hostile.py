"""Builds pickles opcode by opcode and zips header by header, honest ones and dangerous ones.

Nothing here is ever unpickled. Payloads name `os.system` and would write the canary file.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

PROTO_2 = b"\x80\x02"
MARK, STOP, POP, DUP = b"(", b".", b"0", b"2"
NONE, EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE = b"N", b"}", b"]", b")"
TUPLE, TUPLE_1, TUPLE_2, REDUCE, NEWOBJ, BUILD = b"t", b"\x85", b"\x86", b"R", b"\x81", b"b"
APPEND, SETITEM, SETITEMS, PERSISTENT = b"a", b"s", b"u", b"Q"

_FULL_32 = 0xFFFFFFFF


def text(value: str) -> bytes:
    """Pushes a string."""
    encoded = value.encode("utf-8")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def number(value: int) -> bytes:
    """Pushes an integer of up to eight bytes."""
    return b"\x8a\x08" + value.to_bytes(8, "little", signed=True)


def name(module: str, attribute: str) -> bytes:
    """Pushes an imported object."""
    return f"c{module}\n{attribute}\n".encode()


def keep(index: int) -> bytes:
    """Keeps the top object under a number."""
    return b"r" + struct.pack("<I", index)


def recall(index: int) -> bytes:
    """Pushes what was kept under a number."""
    return b"j" + struct.pack("<I", index)


def tuple_of(*parts: bytes) -> bytes:
    """Pushes a tuple of what the parts push."""
    return MARK + b"".join(parts) + TUPLE


def dict_of(pairs: Mapping[str, bytes]) -> bytes:
    """Pushes a dict with string keys."""
    inside = b"".join(text(key) + value for key, value in pairs.items())
    return EMPTY_DICT + MARK + inside + SETITEMS


def call(module: str, attribute: str, *arguments: bytes) -> bytes:
    """Pushes the result of a call."""
    return name(module, attribute) + tuple_of(*arguments) + REDUCE


def object_of(module: str, attribute: str, state: Mapping[str, bytes]) -> bytes:
    """Pushes an object of a class with attributes."""
    return name(module, attribute) + EMPTY_TUPLE + NEWOBJ + dict_of(state) + BUILD


def pickle_of(*parts: bytes) -> bytes:
    """A whole pickle of protocol 2."""
    return PROTO_2 + b"".join(parts) + STOP


def shell_call(canary: Path) -> bytes:
    """Pushes the result of a shell command that would write the canary file."""
    return call("os", "system", text(f"touch {canary}"))


def storage(key: str, n_elements: int, kind: str = "FloatStorage") -> bytes:
    """Pushes a storage by its persistent id."""
    where = (text("storage"), name("torch", kind), text(key), text("cpu"), number(n_elements))
    return tuple_of(*where) + PERSISTENT


def tensor(
    numbers: bytes, *, offset: int = 0, shape: Sequence[int] = (2,), strides: Sequence[int] = (1,)
) -> bytes:
    """Pushes a tensor over a storage."""
    sizes, steps = (tuple_of(*map(number, values)) for values in (shape, strides))
    hooks = call("collections", "OrderedDict")
    arguments = (numbers, number(offset), sizes, steps, b"\x89", hooks)
    return call("torch._utils", "_rebuild_tensor_v2", *arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a zip and what its two headers say; None means the true value.

    Attributes:
        name: In the central directory.
        content: Uncompressed.
        is_deflated: Whether it is compressed.
        crc: In both headers.
        size: Uncompressed size in both headers.
        flags: In the central directory.
        local_flags: In the local header; the same as `flags` if None.
        local_name: In the local header.
        offset: Of the local header, as the directory says.
        gap: Bytes that follow the content and belong to nothing.
    """

    name: str
    content: bytes
    is_deflated: bool = False
    crc: int | None = None
    size: int | None = None
    flags: int = 0x0800
    local_flags: int | None = None
    local_name: str | None = None
    offset: int | None = None
    gap: bytes = b""


@dataclass(slots=True)
class _Written:
    body: bytearray = field(default_factory=bytearray)
    directory: bytearray = field(default_factory=bytearray)


def zip_of(
    *members: Member, prefix: bytes = b"", comment: bytes = b"", is_zip64: bool = False
) -> bytes:
    """A zip with exactly these headers."""
    written = _Written(bytearray(prefix))
    for member in members:
        _write(written, member)
    begin, size = len(written.body), len(written.directory)
    count = len(members)
    tail = b""
    if is_zip64:
        tail += struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, begin)
        tail += struct.pack("<4sIQI", b"PK\6\7", 0, begin + size, 1)
    end = (b"PK\5\6", 0, 0, count, count, size, begin, len(comment))
    return bytes(written.body + written.directory + tail + struct.pack("<4s4H2IH", *end) + comment)


def _write(written: _Written, member: Member) -> None:
    packed = member.content
    if member.is_deflated:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = deflater.compress(packed) + deflater.flush()
    crc = zlib.crc32(member.content) if member.crc is None else member.crc
    size = len(member.content) if member.size is None else member.size
    method = 8 if member.is_deflated else 0
    offset = len(written.body) if member.offset is None else member.offset
    names = [(member.local_name or member.name).encode(), member.name.encode()]
    flags = member.flags if member.local_flags is None else member.local_flags
    local = (20, flags, method, 0, 0, crc, len(packed), size, len(names[0]), 0)
    written.body += struct.pack("<4s5H3I2H", b"PK\3\4", *local) + names[0] + packed + member.gap
    central = (20, 20, member.flags, method, 0, 0, crc, len(packed), size, len(names[1]))
    rest = (0, 0, 0, 0, 0, offset)
    written.directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", *central, *rest) + names[1]


def torch_members(
    pickled: bytes, storages: Mapping[str, bytes] | None = None, root: str = "archive"
) -> list[Member]:
    """The members that torch would write for a pickle and its storages."""
    contents = {"data.pkl": pickled, "byteorder": b"little", "version": b"3\n"}
    contents |= {f"data/{key}": content for key, content in (storages or {}).items()}
    return [Member(name=f"{root}/{key}", content=content) for key, content in contents.items()]


def torch_file(pickled: bytes, storages: Mapping[str, bytes] | None = None) -> bytes:
    """A file as torch.save writes it."""
    return zip_of(*torch_members(pickled, storages))


def with_first(members: list[Member], **changes: object) -> bytes:
    """A zip of these members, with the first one changed."""
    return zip_of(replace(members[0], **changes), *members[1:])  # type: ignore[arg-type]


def legacy_file(
    pickled: bytes, *, keys: Sequence[str] = (), numbers: bytes = b"", little_endian: bool = True
) -> bytes:
    """A file as torch wrote it before it used zip.

    Args:
        pickled: The object.
        keys: Of the storages, in the order of their numbers.
        numbers: For each storage an int64 count and its bytes.
        little_endian: What the file says about itself.
    """
    magic = PROTO_2 + b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" + STOP
    system = pickle_of(dict_of({"little_endian": b"\x88" if little_endian else b"\x89"}))
    listed = pickle_of(EMPTY_LIST, MARK, *map(text, keys), b"e")
    return magic + pickle_of(b"M\xe9\x03") + system + pickled + listed + numbers


def honest_layer(weight: bytes) -> bytes:
    """Pushes a linear layer with one parameter, as torch records it."""
    parts = {"_parameters": dict_of({"weight": weight}), "_buffers": dict_of({})}
    return object_of("torch.nn.modules.linear", "Linear", parts | {"_modules": dict_of({})})


def listed(*parts: bytes) -> bytes:
    """Pushes fastcore's list of what the parts push."""
    items = EMPTY_LIST + b"(" + b"".join(parts) + b"e"
    return object_of("fastcore.foundation", "L", {"items": items})


def pipeline(*transforms: bytes) -> bytes:
    """Pushes a pipeline of transforms."""
    return object_of("fasttransform.transform", "Pipeline", {"fs": listed(*transforms)})


def learner(
    *vocab: bytes,
    model: bytes | None = None,
    target: str = "Categorize",
    transforms: Sequence[bytes] = (),
) -> bytes:
    """Pushes a small learner as fastai records it; its storage 0 has four floats.

    The transforms come before the one that makes a tensor of an image.
    """
    weight = tensor(storage("0", 4), shape=(2, 2), strides=(2, 1))
    model = honest_layer(weight) if model is None else model
    classes = object_of("fastai.data.transforms", "CategoryMap", {"items": listed(*vocab)})
    categorize = object_of("fastai.data.transforms", target, {"vocab": classes})
    create = call("builtins", "getattr", name("fastai.vision.core", "PILImage"), text("create"))
    opening = object_of("fasttransform.transform", "Transform", {"init_enc": create})
    lists = [
        object_of("fastai.data.core", "TfmdLists", {"tfms": pipeline(transform)})
        for transform in (opening, categorize)
    ]
    dataset = object_of("fastai.data.core", "Datasets", {"tls": listed(*lists), "n_inp": number(1)})
    to_tensor = object_of("fastai.data.transforms", "ToTensor", {})
    to_float = object_of("fastai.data.transforms", "IntToFloatTensor", {"div": number(255)})
    after = {
        "after_item": pipeline(*transforms, to_tensor),
        "after_batch": pipeline(to_float),
    }
    loader = object_of("fastai.data.core", "TfmdDL", {"dataset": dataset, **after})
    loaders = object_of("fastai.data.core", "DataLoaders", {"loaders": listed(loader)})
    return object_of("fastai.learner", "Learner", {"dls": loaders, "model": model})

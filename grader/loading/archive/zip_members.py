"""The members of a zip: every header is compared with the directory, every byte with its checksum.

The members must fill the file from its first byte to the directory without gap or overlap, so
that there is one way to read it.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from grader.loading.archive.zip_directory import (
    DEFLATED,
    FULL_32,
    HAS_DESCRIPTOR,
    STORED,
    ZIP64_EXTRA,
    Directory,
    Entry,
    extra_fields,
    read_directory,
)
from grader.loading.refusal import RefusedExportError

_MAX_INFLATED_BYTES = 512 * 2**20

_CHUNK_BYTES = 2**24
_LOCAL = struct.Struct("<4s5H3I2H")
_DESCRIPTOR = struct.Struct("<4s3I")
_WIDE_SIZES = struct.Struct("<2Q")
_DESCRIPTOR64 = struct.Struct("<4sI2Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of the archive: its full name and its bytes, which aren't copied if uncompressed."""

    name: str
    data: memoryview


def read_members(data: memoryview) -> tuple[Member, ...]:
    """Every member of a zip, in the order of its directory.

    Args:
        data: The whole file.

    Raises:
        RefusedExportError: If headers disagree, members overlap or leave gaps, a checksum is
            wrong, or a compressed member is not what its header promises.
    """
    directory = read_directory(data)
    spans = _spans(directory)
    inflated = sum(entry.size for entry in directory.entries if entry.method == DEFLATED)
    if inflated > _MAX_INFLATED_BYTES:
        raise RefusedExportError(
            what=f"compressed members inflate to {inflated} bytes, more than {_MAX_INFLATED_BYTES}",
            where="zip",
        )
    return tuple(_member(data, entry, spans[entry.offset]) for entry in directory.entries)


def _spans(directory: Directory) -> dict[int, int]:
    """The end of each member's space, by the member's offset."""
    offsets = sorted(entry.offset for entry in directory.entries)
    if offsets and offsets[0] != 0:
        raise RefusedExportError(
            what=f"{offsets[0]} bytes come before the first member of the zip", where="byte 0"
        )
    bounds = [*offsets, directory.offset]
    for begin, end in pairwise(bounds):
        if begin >= end:
            raise RefusedExportError(
                what="members of the zip overlap", where=f"local header at byte {begin}"
            )
    return dict(pairwise(bounds))


def _member(data: memoryview, entry: Entry, end: int) -> Member:
    where = f"member {entry.name}"
    begin = _data_begin(data, entry, end, where)
    after = begin + entry.packed_size
    if after > end:
        raise RefusedExportError(what="members of the zip overlap", where=where)
    _check_descriptor(data[after:end], entry, where)
    packed = data[begin:after]
    content = _inflated(packed, entry, where) if entry.method == DEFLATED else packed
    if _crc32(content) != entry.crc:
        raise RefusedExportError(
            what="a member's checksum is wrong: it was damaged or changed",
            where=where,
            advice="copy or upload the file again; if that fails, export it again",
        )
    return Member(name=entry.name, data=content)


def _data_begin(data: memoryview, entry: Entry, end: int, where: str) -> int:
    n_name: int
    n_extra: int
    if entry.offset + _LOCAL.size > end:
        raise RefusedExportError(what="a member's local header is cut short", where=where)
    fields = _LOCAL.unpack_from(data, entry.offset)
    signature, _, flags, method, _, _, crc, packed_size, size, n_name, n_extra = fields
    name_at = entry.offset + _LOCAL.size
    begin = name_at + n_name + n_extra
    if begin > end or signature != b"PK\x03\x04":
        raise RefusedExportError(what="a member's local header is broken", where=where)
    sizes = _local_sizes(bytes(data[name_at + n_name : begin]), size, packed_size, where)
    expected = (entry.raw_name, entry.flags, entry.method)
    found = (bytes(data[name_at : name_at + n_name]), flags, method)
    values, promised = (crc, *sizes), (entry.crc, entry.size, entry.packed_size)
    postponed = bool(flags & HAS_DESCRIPTOR) and values in ((0, 0, 0), (0, FULL_32, FULL_32))
    if found != expected or (values != promised and not postponed):
        raise RefusedExportError(
            what="a member's local header disagrees with the zip's directory", where=where
        )
    if entry.method == STORED and entry.size != entry.packed_size:
        raise RefusedExportError(what="a stored member declares two sizes", where=where)
    return begin


def _local_sizes(extra: bytes, size: int, packed_size: int, where: str) -> tuple[int, int]:
    """Size and packed size; a local header holds both as 64 bits or none."""
    wide = extra_fields(extra, where).get(ZIP64_EXTRA)
    if wide is None:
        return size, packed_size
    if (size, packed_size) != (FULL_32, FULL_32) or len(wide) != _WIDE_SIZES.size:
        raise RefusedExportError(what="a member's local header is ambiguous", where=where)
    wide_size, wide_packed_size = _WIDE_SIZES.unpack(wide)
    return wide_size, wide_packed_size


def _check_descriptor(rest: memoryview, entry: Entry, where: str) -> None:
    """Refuse anything after a member's data except the descriptor that a flag announces."""
    if not entry.flags & HAS_DESCRIPTOR:
        if len(rest):
            raise RefusedExportError(
                what=f"a member is followed by {len(rest)} bytes that belong to no member",
                where=where,
            )
        return
    layout = {_DESCRIPTOR.size: _DESCRIPTOR, _DESCRIPTOR64.size: _DESCRIPTOR64}.get(len(rest))
    promised = (b"PK\x07\x08", entry.crc, entry.packed_size, entry.size)
    if layout is None or layout.unpack(rest) != promised:
        raise RefusedExportError(
            what="a member's data descriptor disagrees with the zip's directory", where=where
        )


def _inflated(packed: memoryview, entry: Entry, where: str) -> memoryview:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise RefusedExportError(
            what=f"a compressed member is broken ({error})", where=where
        ) from error
    if len(content) != entry.size or not inflater.eof or inflater.unused_data:
        raise RefusedExportError(
            what=f"a compressed member doesn't inflate to the {entry.size} bytes it declares",
            where=where,
        )
    return memoryview(content)


def _crc32(content: memoryview) -> int:
    crc = 0
    for begin in range(0, len(content), _CHUNK_BYTES):
        crc = zlib.crc32(content[begin : begin + _CHUNK_BYTES], crc)
    return crc

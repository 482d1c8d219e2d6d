"""The central directory of a zip, read so strictly that no two readers could see it differently.

No member is opened here.
"""

import struct
from dataclasses import dataclass

from grader.loading.refusal import RefusedExportError

_MAX_MEMBERS = 100_000
HAS_DESCRIPTOR = 0x0008
STORED = 0
DEFLATED = 8
ZIP64_EXTRA = 0x0001
# Marks a size or offset that is too large for its field and follows in a wider one.
FULL_32 = 0xFFFFFFFF

_FULL_16 = 0xFFFF
_KNOWN_FLAGS = HAS_DESCRIPTOR | 0x0800
_UNICODE_EXTRAS = (0x6375, 0x7075)

_END = struct.Struct("<4s4H2IH")
_END64_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_EXTRA = struct.Struct("<HH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the central directory says about one member; offsets and sizes are in bytes."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The entries in the order of the directory, and where the directory begins."""

    entries: tuple[Entry, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class _End:
    n_entries: int
    size: int
    offset: int
    limit: int


def read_directory(data: memoryview) -> Directory:
    """Read the central directory of a zip.

    Args:
        data: The whole file.

    Returns:
        Its entries; their names are relative, free of tricks, and unique even when case is ignored.

    Raises:
        RefusedExportError: If anything about the directory is broken, unusual or ambiguous.
    """
    end = _read_end(data)
    if end.offset + end.size != end.limit:
        raise _refused("the zip's directory is not where its end record says", "end record")
    if end.n_entries > _MAX_MEMBERS:
        raise _refused(f"the zip has {end.n_entries} members, more than {_MAX_MEMBERS}", "zip")
    entries = []
    position = end.offset
    for _ in range(end.n_entries):
        entry, position = _read_entry(data, position, end.limit)
        entries.append(entry)
    if position != end.limit:
        raise _refused("the zip's directory holds more than its end record counts", "directory")
    _check_names(entries)
    return Directory(entries=tuple(entries), offset=end.offset)


def _refused(what: str, where: str) -> RefusedExportError:
    return RefusedExportError(what=what, where=where)


def _read_end(data: memoryview) -> _End:
    position = len(data) - _END.size
    if position < 0 or bytes(data[position : position + 4]) != b"PK\x05\x06":
        raise _no_end(data)
    _, disk, first_disk, n_here, n_entries, size, offset, comment = _END.unpack_from(data, position)
    if disk or first_disk or comment or n_here != n_entries:
        raise _refused("the zip is split across several disks or has a comment", "end record")
    short = _End(n_entries, size, offset, position)
    locator = position - _END64_LOCATOR.size
    if locator < 0 or bytes(data[locator : locator + 4]) != b"PK\x06\x07":
        return short
    return _read_end64(data, locator, short)


def _no_end(data: memoryview) -> RefusedExportError:
    tail = bytes(data[-(_FULL_16 + _END.size) :])
    if b"PK\x05\x06" in tail:
        return _refused("there are bytes or a comment after the end of the zip", "end of the file")
    return RefusedExportError(
        what="the zip has no end record: the file is truncated",
        where=f"end of the file, byte {len(data)}",
        advice="compare its size with the original, then copy or upload it again",
    )


def _read_end64(data: memoryview, locator: int, short: _End) -> _End:
    position = locator - _END64.size
    _, disk, end_offset, n_disks = _END64_LOCATOR.unpack_from(data, locator)
    if position < 0 or end_offset != position or disk or n_disks > 1:
        raise _refused("the zip64 end record is not where its locator says", "zip64 locator")
    fields = _END64.unpack_from(data, position)
    signature, record_size, _, _, disk, first_disk, n_here, n_entries, size, offset = fields
    if signature != b"PK\x06\x06" or record_size != _END64.size - 12 or disk or first_disk:
        raise _refused("the zip64 end record is broken", "zip64 end record")
    agrees = (
        n_here == n_entries
        and short.n_entries in (n_entries, _FULL_16)
        and short.size in (size, FULL_32)
        and short.offset in (offset, FULL_32)
    )
    if not agrees:
        raise _refused("the zip's two end records disagree", "zip64 end record")
    return _End(n_entries, size, offset, position)


def _read_entry(data: memoryview, position: int, limit: int) -> tuple[Entry, int]:
    where = f"directory entry at byte {position}"
    if position + _ENTRY.size > limit:
        raise _refused("the zip's directory is cut short", where)
    fields = _ENTRY.unpack_from(data, position)
    signature, _, _, flags, method, _, _, crc, packed_size, size = fields[:10]
    n_name, n_extra, n_comment, disk, _, _, offset = fields[10:]
    begin = position + _ENTRY.size
    after = begin + n_name + n_extra
    if signature != b"PK\x01\x02" or after > limit:
        raise _refused("the zip's directory is broken", where)
    raw_name = bytes(data[begin : begin + n_name])
    name = _decoded(raw_name, where)
    where = f"member {name}"
    if flags & ~_KNOWN_FLAGS:
        raise _refused(f"a zip flag that torch never sets is set: {flags:#06x}", where)
    if method not in (STORED, DEFLATED) or n_comment or disk:
        raise _refused(f"a compression that torch never uses: method {method}", where)
    extra = bytes(data[begin + n_name : after])
    size, packed_size, offset = _with_zip64(extra, [size, packed_size, offset], where)
    entry = Entry(
        name=name,
        raw_name=raw_name,
        flags=flags,
        method=method,
        crc=crc,
        packed_size=packed_size,
        size=size,
        offset=offset,
    )
    return entry, after


def _decoded(raw_name: bytes, where: str) -> str:
    try:
        return raw_name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("a member's name is not UTF-8", where) from error


def extra_fields(extra: bytes, where: str) -> dict[int, bytes]:
    """The extra fields of a header by their number.

    Raises:
        RefusedExportError: If they are broken or repeated, or give the member another name.
    """
    found: dict[int, bytes] = {}
    position = 0
    while position < len(extra):
        if position + _EXTRA.size > len(extra):
            raise _refused("the extra fields of a zip header are broken", where)
        number, size = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size
        value = extra[position : position + size]
        position += size
        if len(value) != size or number in found or number in _UNICODE_EXTRAS:
            raise _refused("the extra fields of a zip header are broken or ambiguous", where)
        found[number] = value
    return found


def _with_zip64(extra: bytes, values: list[int], where: str) -> list[int]:
    """The 32-bit values in the order given, each saturated one replaced by its 64-bit value."""
    wide = extra_fields(extra, where).get(ZIP64_EXTRA, b"")
    n_full = values.count(FULL_32)
    if len(wide) != 8 * n_full:
        raise _refused("the 64-bit sizes of a zip header don't fit its 32-bit ones", where)
    wide_values = iter(struct.unpack(f"<{n_full}Q", wide))
    return [next(wide_values) if value == FULL_32 else value for value in values]


def _check_names(entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        where = f"member {entry.name}"
        # torch's zip reader compares names in any case.
        key = entry.name.casefold()
        if key in seen:
            raise _refused("the zip has two members with the same name", where)
        seen.add(key)
        parts = entry.name.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\\" in key or "\0" in key:
            raise _refused("a member's name is a path that leaves the archive or a folder", where)

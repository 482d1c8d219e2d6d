"""Takes a zip apart and puts it together again, so that a changed part has correct checksums.

Taking apart is lenient and not part of any safety check: it leaves alone what it can't follow.
"""

import struct
import zlib
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
END64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR64 = struct.Struct("<4sIQI")
WIDE = struct.Struct("<2H2Q")

_DEFLATED = 8
_HAS_DESCRIPTOR = 8
_FULL_32 = 0xFFFFFFFF
_MAX_MEMBERS = 64
_MAX_CONTENT_BYTES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One member of a zip.

    Attributes:
        name: As it is written.
        content: Uncompressed.
        method: Compression: 8 is deflated, all other numbers are written as stored.
        flags: In both headers; bit 3 makes a descriptor follow the content.
        extra: Extra fields in the directory.
        local_extra: Extra fields in the local header.
        is_wide: Whether both headers and the descriptor give its sizes in 64 bits.
    """

    name: bytes
    content: bytes
    method: int = 0
    flags: int = 0
    extra: bytes = b""
    local_extra: bytes = b""
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A zip's members, and whether it ends as torch ends it, with a 64-bit end record."""

    parts: tuple[Part, ...]
    is_zip64: bool = False


def packed(archive: Archive) -> bytes:
    """The archive as a file, every size, offset and checksum right."""
    body, directory = bytearray(), bytearray()
    for part in archive.parts:
        _write(part, body, directory)
    return bytes(body + directory + _ending(archive, len(body), len(directory)))


def unpacked(data: bytes) -> Archive | None:
    """The members of a zip; None if it is too odd to follow."""
    try:
        signature, *_, n_parts, size, offset, _ = END.unpack_from(data, len(data) - END.size)
        if signature != b"PK\5\6" or not 0 < n_parts <= _MAX_MEMBERS:
            return None
        is_zip64 = data.find(b"PK\6\7", offset + size) >= 0
        parts = []
        for _ in range(n_parts):
            part, offset = _part(data, offset)
            parts.append(part)
    except (struct.error, zlib.error):
        return None
    return Archive(parts=tuple(parts), is_zip64=is_zip64)


def _write(part: Part, body: bytearray, directory: bytearray) -> None:
    """The local header and content go into the body, the other header into the directory."""
    offset = len(body)
    content = _deflated(part.content) if part.method == _DEFLATED else part.content
    crc, sizes = zlib.crc32(part.content), (len(content), len(part.content))
    wide = WIDE.pack(1, 16, *reversed(sizes)) if part.is_wide else b""
    shown = (crc, _FULL_32, _FULL_32) if part.is_wide else (crc, *sizes)
    is_postponed = bool(part.flags & _HAS_DESCRIPTOR)
    first = (0, 0, 0) if is_postponed and not part.is_wide else shown
    how = 20, part.flags, part.method, 0, 0
    local_extra, extra = wide + part.local_extra, wide + part.extra
    body += LOCAL.pack(b"PK\3\4", *how, *first, len(part.name), len(local_extra))
    body += part.name + local_extra + content
    if is_postponed:
        body += struct.pack("<4sI2Q" if part.is_wide else "<4s3I", b"PK\7\x08", crc, *sizes)
    rest = len(part.name), len(extra), 0, 0, 0, 0, offset
    directory += CENTRAL.pack(b"PK\1\2", 20, *how, *shown, *rest) + part.name + extra


def _ending(archive: Archive, offset: int, size: int) -> bytes:
    n_parts = len(archive.parts)
    counts = n_parts, n_parts, size, offset
    end = END.pack(b"PK\5\6", 0, 0, *counts, 0)
    if not archive.is_zip64:
        return end
    wide = END64.pack(b"PK\6\6", END64.size - 12, 45, 45, 0, 0, *counts)
    return wide + LOCATOR64.pack(b"PK\6\7", 0, offset + size, 1) + end


def _part(data: bytes, position: int) -> tuple[Part, int]:
    """The member that an entry of the directory stands for, and where the next entry begins."""
    fields = CENTRAL.unpack_from(data, position)
    flags, method, packed_size = fields[3], fields[4], fields[8]
    n_name, n_extra, offset = fields[10], fields[11], fields[16]
    extra_at = position + CENTRAL.size + n_name
    *_, n_local_name, n_local_extra = LOCAL.unpack_from(data, offset)
    local_extra_at = offset + LOCAL.size + n_local_name
    begin = local_extra_at + n_local_extra
    is_wide = packed_size == _FULL_32
    if is_wide:
        *_, packed_size = WIDE.unpack_from(data, extra_at)
    part = Part(
        name=data[extra_at - n_name : extra_at],
        content=_inflated(data[begin : begin + packed_size], method),
        method=method,
        flags=flags,
        extra=data[extra_at + WIDE.size * is_wide : extra_at + n_extra],
        local_extra=data[local_extra_at + WIDE.size * is_wide : begin],
        is_wide=is_wide,
    )
    return part, extra_at + n_extra


def _inflated(content: bytes, method: int) -> bytes:
    if method != _DEFLATED:
        return content
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, _MAX_CONTENT_BYTES)


def _deflated(content: bytes) -> bytes:
    deflater = zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)
    return deflater.compress(content) + deflater.flush()

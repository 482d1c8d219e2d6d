"""The opcodes of a pickle, one by one, decoded by the standard library's own table.

Decoding makes only numbers and strings. Opcodes that no exporter writes, and that could refer to
things outside the file, are refused before their argument is read.
"""

import pickletools
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

from grader.loading.refusal import RefusedExportError

# Every such integer is also a float; exports hold keys and states of random generators, up to 128.
_MAX_INTEGER_BITS = 1000
_MAX_PROTOCOL = 5

_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "STRING": "a Python 2 string, which Python 3 never writes",
        "BINSTRING": "a Python 2 string, which Python 3 never writes",
        "SHORT_BINSTRING": "a Python 2 string, which Python 3 never writes",
        "PERSID": "a persistent id as text, which torch never writes",
        "EXT1": "a number from the reader's own table instead of a name",
        "EXT2": "a number from the reader's own table instead of a name",
        "EXT4": "a number from the reader's own table instead of a name",
        "NEXT_BUFFER": "a buffer that lies outside the file",
        "READONLY_BUFFER": "a buffer that lies outside the file",
    }
)


def _line(stream: BytesIO) -> str:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ValueError
    return line[:-1].decode("utf-8")


def _two_lines(stream: BytesIO) -> tuple[str, str]:
    """Module and name; the standard library would join them and refuse non-ASCII letters."""
    return _line(stream), _line(stream)


def _reader_of(info: pickletools.OpcodeInfo) -> Callable[[BytesIO], Any] | None:
    if info.name in ("GLOBAL", "INST"):
        return _two_lines
    return None if info.arg is None else info.arg.reader


_BY_CODE: Mapping[bytes, tuple[str, Callable[[BytesIO], Any] | None]] = MappingProxyType(
    {info.code.encode("latin-1"): (info.name, _reader_of(info)) for info in pickletools.opcodes}
)


def opcodes_of(stream: BytesIO) -> Iterator[tuple[str, Any, int]]:
    """Name, argument and offset of each opcode, up to and including STOP.

    Args:
        stream: Read from its current position to just after the STOP.

    Raises:
        RefusedExportError: At an unknown or refused opcode or a broken argument, or if the stream
            ends before STOP.
    """
    name = ""
    while name != "STOP":
        position = stream.tell()
        code = stream.read(1)
        if code not in _BY_CODE:
            raise _refused("has an unknown opcode" if code else "ends before its STOP", position)
        name, reader = _BY_CODE[code]
        if name in _REFUSED:
            raise _refused(f"has {_REFUSED[name]} ({name})", position)
        yield name, reader and _argument(name, reader, stream), position


def _refused(what: str, position: int) -> RefusedExportError:
    return RefusedExportError(what=f"its pickle {what}", where=f"pickle, byte {position}")


def _argument(name: str, reader: Callable[[BytesIO], Any], stream: BytesIO) -> Any:
    position = stream.tell() - 1
    try:
        argument = reader(stream)
    except ValueError as error:
        raise _refused(f"is cut short or broken at {name}", position) from error
    if not isinstance(argument, int):
        return argument
    if argument.bit_length() > _MAX_INTEGER_BITS:
        raise _refused(f"has an integer of {argument.bit_length()} bits", position)
    if name == "FRAME" and argument > len(stream.getbuffer()) - stream.tell():
        raise _refused("has a frame longer than the file: it is truncated", position)
    if name == "PROTO" and argument > _MAX_PROTOCOL:
        raise _refused(f"has protocol {argument}; the last known is {_MAX_PROTOCOL}", position)
    return argument

"""The opcodes of a pickle, one by one, decoded by the standard library's own table.

Decoding makes numbers and strings and nothing else. Opcodes that no exporter writes, and that
could bring in what the file doesn't hold, are refused before their argument is read.
"""

import pickletools
from collections.abc import Iterator, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any

from grader.loading.refusal import RefusedExportError

MAX_INTEGER_BITS = 8192
MAX_PROTOCOL = 5

_BY_CODE: Mapping[bytes, pickletools.OpcodeInfo] = MappingProxyType(
    {info.code.encode("latin-1"): info for info in pickletools.opcodes}
)
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "STRING": "a Python 2 string, which Python 3 never writes",
        "BINSTRING": "a Python 2 string, which Python 3 never writes",
        "SHORT_BINSTRING": "a Python 2 string, which Python 3 never writes",
        "PERSID": "a persistent id as text, which torch never writes",
        "EXT1": "a number of the reader's own table instead of a name",
        "EXT2": "a number of the reader's own table instead of a name",
        "EXT4": "a number of the reader's own table instead of a name",
        "NEXT_BUFFER": "a buffer that lies outside the file",
        "READONLY_BUFFER": "a buffer that lies outside the file",
    }
)
_NAMING = ("GLOBAL", "INST")


def opcodes_of(stream: BytesIO) -> Iterator[tuple[str, Any, int]]:
    """Name, argument and offset of each opcode, up to and including STOP.

    Args:
        stream: Read from where it stands; afterwards it stands behind the STOP.

    Raises:
        RefusedExportError: At an unknown or refused opcode or a broken argument, and where the
            stream ends before STOP.
    """
    size = len(stream.getbuffer())
    while True:
        position = stream.tell()
        code = stream.read(1)
        info = _BY_CODE.get(code)
        if info is None:
            raise _refused(
                "ends before its STOP" if not code else "has an unknown opcode", position
            )
        if info.name in _REFUSED:
            raise _refused(f"has {_REFUSED[info.name]} ({info.name})", position)
        argument = _argument(info, stream, position)
        if info.name == "FRAME" and argument > size - stream.tell():
            raise _refused("has a frame longer than the file: it is truncated", position)
        if info.name == "PROTO" and argument > MAX_PROTOCOL:
            raise _refused(f"has protocol {argument}; the last known is {MAX_PROTOCOL}", position)
        yield info.name, argument, position
        if info.name == "STOP":
            return


def _refused(what: str, position: int) -> RefusedExportError:
    return RefusedExportError(what=f"its pickle {what}", where=f"pickle, byte {position}")


def _argument(info: pickletools.OpcodeInfo, stream: BytesIO, position: int) -> Any:
    try:
        if info.name in _NAMING:
            return _line(stream), _line(stream)
        argument = info.arg.reader(stream) if info.arg is not None else None
    except ValueError as error:
        raise _refused(f"is cut short or broken at {info.name}", position) from error
    if isinstance(argument, int) and argument.bit_length() > MAX_INTEGER_BITS:
        raise _refused(f"has an integer of {argument.bit_length()} bits", position)
    return argument


def _line(stream: BytesIO) -> str:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ValueError
    return line[:-1].decode("utf-8")

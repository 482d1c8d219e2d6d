"""The names that an export's pickles mention, found by `pickletools` and not by the grader.

That way the watch shares no code with what it watches. Nothing is unpickled.
"""

import io
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

_STRINGS = frozenset(
    {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING", "BINSTRING"}
)
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})


def names_in(path: Path) -> frozenset[str]:
    """Every dotted name that a file's pickles would import, and the modules they are in."""
    names: set[str] = set()
    for pickled in _pickles(path):
        for name in _globals(pickled):
            parts = name.split(".")
            names |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return frozenset(names)


def _pickles(path: Path) -> Iterator[io.BytesIO]:
    if not zipfile.is_zipfile(path):
        yield io.BytesIO(path.read_bytes())
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.endswith(".pkl"):
                yield io.BytesIO(archive.read(member))


def _globals(stream: io.BytesIO) -> Iterator[str]:
    """Names in one pickle after another, until the bytes are no longer a pickle."""
    try:
        while stream.tell() < len(stream.getbuffer()):
            yield from _globals_of_one(stream)
    except (ValueError, UnicodeError, LookupError, EOFError):
        return


def _globals_of_one(stream: io.BytesIO) -> Iterator[str]:
    memo: dict[int, str] = {}
    strings = ["", ""]
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in {"GLOBAL", "INST"}:
            yield str(argument).replace(" ", ".")
        elif opcode.name == "STACK_GLOBAL":
            yield ".".join(strings[-2:])
        elif opcode.name in _STRINGS:
            strings.append(str(argument))
        elif opcode.name in _GETS:
            strings.append(memo.get(int(str(argument)), ""))
        elif opcode.name == "MEMOIZE":
            memo[len(memo)] = strings[-1]
        elif opcode.name in _PUTS:
            memo[int(str(argument))] = strings[-1]

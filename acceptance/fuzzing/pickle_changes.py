"""Changes a pickle opcode by opcode, so that what comes before the change still makes sense."""

import io
import pickletools
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TypeAlias

Change: TypeAlias = Callable[[bytes, int], bytes]

_RUNS = (1, 2, 8)
_MAX_REPEATS = 300
_MORE_BYTES = 8
_PUSHES = frozenset(
    info.code.encode("latin-1")
    for info in pickletools.opcodes
    if not info.stack_before and len(info.stack_after) == 1 and info.name != "MARK"
)
_INTEGERS = (0, 1, 2, 3, 5, 200, 255, 256, 65_536, 2**31 - 1, 2**40, 2**63 - 1, -1, -(2**31))
_LINES = (b"", b"0", b"01", b"-1", b"300", b"1e999", b"x", b"5L", b"9" * 40)


def opcode_slices(pickled: bytes) -> list[bytes]:
    """The bytes of each opcode in turn, even of several pickles in a row.

    Bytes that are not an opcode are added to the last one, so the slices always join to the whole.
    """
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        starts = list(_starts(pickled)) or [0]  # a Python 2 string may hold an odd escape
    bounds = [*starts, len(pickled)] if pickled else []
    return [pickled[begin:end] for begin, end in pairwise(bounds)]


def _starts(pickled: bytes) -> Iterator[int]:
    stream = io.BytesIO(pickled)
    begin = 0
    try:
        while begin < len(pickled):
            yield from (at or 0 for _, _, at in pickletools.genops(stream))
            begin = stream.tell()
    except ValueError:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What may be put into a pickle.

    Attributes:
        runs: Opcodes that follow each other in honest pickles.
        opcodes: Every opcode there is, with short arguments.
        pushes: Opcodes that push one value and take none: integers, texts, names, constants.
    """

    runs: tuple[bytes, ...]
    opcodes: tuple[bytes, ...]
    pushes: tuple[bytes, ...]

    def any_piece(self, chance: Random) -> bytes:
        """One piece; every kind is equally likely."""
        return chance.choice(chance.choice((self.runs, self.opcodes, self.pushes)))


def stock_of(pickles: Iterable[bytes]) -> Stock:
    """The runs and values of these pickles, with every opcode and some integers added."""
    runs: dict[bytes, None] = {}
    for pickled in pickles:
        slices = opcode_slices(pickled)
        for begin in range(len(slices)):
            runs |= {b"".join(slices[begin : begin + length]): None for length in _RUNS}
            runs[slices[begin]] = None
    opcodes = tuple(_every_opcode())
    pushes = [one for one in runs if one[:1] in _PUSHES and len(opcode_slices(one)) == 1]
    integers = list(_every_integer()) * (len(pushes) // 30)
    return Stock(runs=tuple(runs), opcodes=opcodes, pushes=(*pushes, *integers))


def _every_opcode() -> Iterator[bytes]:
    for info in pickletools.opcodes:
        code = info.code.encode("latin-1")
        if info.arg is None:
            yield code
        elif info.arg.n == pickletools.UP_TO_NEWLINE:
            yield from (code + line + b"\n" for line in _LINES)
        else:
            yield from (code + bytes([n]) + b"\0" * 7 for n in (0, 1, 2, 4))


def _every_integer() -> Iterator[bytes]:
    for integer in _INTEGERS:
        yield b"\x8a\x0a" + integer.to_bytes(10, "little", signed=True)
    for n_bytes in (100, 1024, 1025):
        yield b"\x8b" + struct.pack("<I", n_bytes) + b"\x7f" * n_bytes


@dataclass(frozen=True, slots=True)
class PickleChanger:
    """Changes pickles.

    Attributes:
        change: Changes any bytes; the result has at most the given size.
        stock: What may be put in.
    """

    change: Change
    stock: Stock

    def changed(self, pickled: bytes, max_size: int, chance: Random) -> bytes:
        """Another pickle; usually one that differs in a few opcodes."""
        slices = opcode_slices(pickled)
        if not slices or chance.random() < 0.15:
            return self.change(pickled, max_size)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            slices = self._step(slices or [b"."], chance)
        return b"".join(slices)

    def _step(self, slices: list[bytes], chance: Random) -> list[bytes]:
        """One change: half of all changes replace a value with another."""
        begin = chance.randrange(len(slices))
        end = begin + chance.choice((1, 1, 1, 2, 3, 8))
        run = slices[begin:end]
        match chance.randrange(14):
            case 0:
                new = []
            case 1:
                new = run + run
            case 2:
                new = run[:1] * chance.choice((2, 8, _MAX_REPEATS)) + run
            case 3:
                new = [self.stock.any_piece(chance), *run]
            case 4:
                new = [self.stock.any_piece(chance)]
            case 5 | 6:
                new = [run[0][:1] + self.change(run[0][1:], len(run[0]) + _MORE_BYTES), *run[1:]]
            case 7:
                at = chance.randrange(len(slices))
                return slices[:at] + run + slices[at:]
            case _:
                return self._with_value(slices, chance)
        return slices[:begin] + new + slices[end:]

    def _with_value(self, slices: list[bytes], chance: Random) -> list[bytes]:
        """Push a value in place of another, or of all values equal to that one."""
        places = [at for at, one in enumerate(slices) if one[:1] in _PUSHES]
        if not places:
            return slices
        place, new = chance.choice(places), chance.choice(self.stock.pushes)
        old, is_everywhere = slices[place], chance.random() < 0.3
        return [
            new if at == place or (is_everywhere and one == old) else one
            for at, one in enumerate(slices)
        ]


def crossed(pickled: bytes, other: bytes, chance: Random) -> bytes:
    """A pickle with a run of another's opcodes inserted, or in place of some of its own."""
    slices, others = opcode_slices(pickled), opcode_slices(other)
    begin, from_ = (chance.randrange(len(one) + 1) for one in (slices, others))
    run = others[from_ : from_ + chance.choice((1, 3, 10, 30))]
    end = begin + chance.choice((0, 1, len(run)))
    return b"".join(slices[:begin] + run + slices[end:])

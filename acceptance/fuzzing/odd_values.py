"""Values that nobody expects in a setting, and structures of plain values changed at random."""

import copy
import struct
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.hostile import EMPTY_DICT, EMPTY_LIST, MARK, NONE, SETITEMS, text, tuple_of

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 2**16, 2**26, 2**31, 2**63, -(2**63), 2**900),
    *(0.0, -0.0, 0.5, -1.5, 1e-300, 1e12, 3e38, 1e308, -1e308, float("nan"), float("inf")),
    *("", "a", "\0", "\x1b[31m", "\u202e", "\ud800", "../..", "/", "=1+1", "<script>", "zeros"),
    *("same", "bilinear", "é" * 50, "9" * 400, "CON", "a/b/c", "-", "NaN", "1e999"),
    *((), [], {}, (0, 0), (1, 0), (-1, 2), [None], (2**26, 2**26), ("a",), {"a": 1}, [[[]]]),
    *((1, 1, 1, 1, 1, 1, 1, 1), [0] * 60, (1.5, "x"), {"": None}, ((), ()), (2**62, 0)),
)


def odd_value(chance: Random) -> Any:
    """One of the values, or a text of random characters."""
    if chance.random() < 0.05:
        return "".join(chr(chance.choice((1, 9, 65, 0x301, 0xD9FF, 0x1F600))) for _ in range(9))
    return copy.deepcopy(chance.choice(ODD))


def changed(structure: Any, chance: Random, *, n_changes: int) -> Any:
    """A copy of lists, dicts and values in which some places hold something else."""
    structure = copy.deepcopy(structure)
    for _ in range(n_changes):
        places = list(_places(structure))
        if not places:
            return odd_value(chance)
        container, key = chance.choice(places)
        _change(container, key, chance, places)
    return structure


def _places(structure: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    waiting = [structure]
    while waiting:
        current = waiting.pop()
        keys = current if isinstance(current, dict) else range(len(current))
        for key in list(keys):
            yield current, key
            if isinstance(current[key], (dict, list)) and current[key]:
                waiting.append(current[key])


def _change(container: Any, key: Any, chance: Random, places: list[tuple[Any, Any]]) -> None:
    match chance.randrange(8):
        case 0 if isinstance(container, dict):
            del container[key]
        case 1 if isinstance(container, dict):
            container[str(odd_value(chance))] = container.pop(key)
        case 2:
            other, place = chance.choice(places)
            container[key] = copy.deepcopy(other.get(place) if isinstance(other, dict) else None)
        case 3 if isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        case 4 if type(container[key]) in (int, float):
            container[key] = _near(container[key], chance)
        case _:
            container[key] = odd_value(chance)


def _near(number: float, chance: Random) -> float:
    try:
        return chance.choice((number + 1, number - 1, -number, number * 2, number / 3, int(number)))
    except (OverflowError, ValueError):
        return 0


def pushed(value: Any) -> bytes:
    """The opcodes that push a plain value."""
    if isinstance(value, (str, int, float)):
        return _scalar(value)
    match value:
        case tuple():
            return tuple_of(*map(pushed, value))
        case list():
            return EMPTY_LIST + MARK + b"".join(map(pushed, value)) + b"e"
        case dict():
            pairs = b"".join(text(str(key)) + pushed(item) for key, item in value.items())
            return EMPTY_DICT + MARK + pairs + SETITEMS
    return NONE


def _scalar(value: str | float) -> bytes:
    match value:
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            encoded = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            return b"\x8b" + struct.pack("<i", len(encoded)) + encoded
        case float():
            return b"G" + struct.pack(">d", value)
        case str():
            characters = value.encode("utf-8", "surrogatepass")
            return b"X" + struct.pack("<I", len(characters)) + characters

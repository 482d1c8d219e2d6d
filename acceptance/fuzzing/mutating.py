"""Changes exports so that most of them still pass the checks that come before the changed part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from acceptance.fuzzing.archives import Archive, Part, packed, unpacked
from acceptance.fuzzing.pickle_changes import PickleChanger, crossed

# By signature: the sizes of a header's numbers in bytes.
_HEADERS: Mapping[bytes, tuple[int, ...]] = {
    b"PK\3\4": (4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2),
    b"PK\1\2": (4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4),
    b"PK\5\6": (4, 2, 2, 2, 2, 4, 4, 2),
    b"PK\6\6": (4, 8, 2, 2, 4, 4, 8, 8, 8, 8),
    b"PK\6\7": (4, 4, 8, 4),
    b"PK\7\x08": (4, 4, 4, 4),
}
_NUMBERS = (0, 1, 2, 8, 22, 0x20, 0x0800, 100_001, 2**30, 2**16 - 1, 2**32 - 1, 2**64 - 1)
_NAMES = (
    *(b"archive/data.pkl", b"archive/data/0", b"archive/x", b"archive/constants.pkl"),
    *(
        b"archive/code/x.py",
        b"archive/..",
        b"archive/a\\b",
        b"archive//b",
        b"archive/\xff",
        b"b/x",
        b"b",
    ),
)
_EXTRAS = (
    *(b"\1\0\x08\0" + b"\xff" * 8, b"\1\0\x10\0" + bytes(16), b"up\0\0", b"FB\0\0FB\0\0"),
    *(b"FB\x09\0", b"F", b""),
)
# How files that are handed in by mistake begin.
_HEADS = (
    *(b"version https://git-lfs", b"\xef\xbb\xbf<!doctype html>", b"PK\5\6", b"\x1f\x8b\x08"),
    *(b"\0" * 8 + b'{"', b"a" * 257 + b"ustar", b"7z\xbc\xaf\x27\x1c"),
)


@dataclass(frozen=True, slots=True)
class Mutator:
    """Makes new exports from old ones by changing pickle, members, headers or any bytes."""

    pickles: PickleChanger

    def mutated(self, data: bytes, max_size: int, seed: int) -> bytes:
        """A changed export of at most `max_size` bytes; the same for the same arguments."""
        chance = Random(seed)  # noqa: S311 - nothing here is secret
        made = self._changed(data, max_size, chance)
        return made if len(made) <= max_size else self.pickles.change(data, max_size)

    def crossed(self, data: bytes, other: bytes, max_size: int, seed: int) -> bytes:
        """An export with parts of another's pickle in its own; otherwise like `mutated`."""
        chance = Random(seed)  # noqa: S311 - nothing here is secret
        if chance.random() < 0.9:  # libFuzzer would cross as often as it changes
            return self.mutated(data, max_size, seed)
        archive, stream = unpacked(data), pickle_of_file(other)
        if archive is None:
            made = crossed(data, stream, chance)
        else:
            at = _pickle_at(archive)
            made = packed(
                _with_content(archive, at, crossed(archive.parts[at].content, stream, chance))
            )
        return made if len(made) <= max_size else data

    def _changed(self, data: bytes, max_size: int, chance: Random) -> bytes:
        archive = unpacked(data)
        where = chance.random()
        if where < 0.05:
            return self.pickles.change(data, max_size)
        if where < 0.06:
            return chance.choice(_HEADS) + data
        if archive is None:
            return self.pickles.changed(data, max_size, chance)
        if where < 0.65:
            return packed(self._with_pickle(archive, max_size, chance))
        if where < 0.8:
            return _with_header(data, chance)
        return packed(_with_parts(archive, chance))

    def _with_pickle(self, archive: Archive, max_size: int, chance: Random) -> Archive:
        """Change the pickle, or now and then the content of another member."""
        if chance.random() < 0.95:
            at = _pickle_at(archive)
            content = self.pickles.changed(archive.parts[at].content, max_size, chance)
        else:
            at = chance.randrange(len(archive.parts))
            content = self.pickles.change(archive.parts[at].content, max_size)
        return _with_content(archive, at, content)


def pickle_of_file(data: bytes) -> bytes:
    """The pickle of an export; all of a file that is not a zip."""
    archive = unpacked(data)
    return data if archive is None else archive.parts[_pickle_at(archive)].content


def _pickle_at(archive: Archive) -> int:
    """Which member is the pickle; the first if none has a pickle's name."""
    names = [part.name for part in archive.parts]
    return next((at for at, name in enumerate(names) if name.endswith(b".pkl")), 0)


def _with_content(archive: Archive, at: int, content: bytes) -> Archive:
    parts = list(archive.parts)
    parts[at] = replace(parts[at], content=content)
    return replace(archive, parts=tuple(parts))


def _with_header(data: bytes, chance: Random) -> bytes:
    """Change one or two numbers in the headers; everything else stays, even checksums."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2))):
        signature, sizes = chance.choice(list(_HEADERS.items()))
        places = [match.start() for match in re.finditer(re.escape(signature), data)]
        if not places:
            continue
        field = chance.randrange(len(sizes))
        begin = chance.choice(places) + sum(sizes[:field])
        end = begin + sizes[field]
        old = int.from_bytes(changed[begin:end], "little")
        new = chance.choice((*_NUMBERS, old + 1, old - 1, old ^ 1 << chance.randrange(16)))
        changed[begin:end] = (new % 256 ** sizes[field]).to_bytes(sizes[field], "little")
    return bytes(changed)


def _with_parts(archive: Archive, chance: Random) -> Archive:
    """Drop, double, move, rename or repack a member, the same way in both headers."""
    parts = list(archive.parts)
    part = parts.pop(chance.randrange(len(parts)))
    match chance.randrange(8):
        case 0:
            new = []
        case 1:
            new = [part, part]
        case 2:
            new = [replace(part, method=chance.choice((0, 8, 8, 9)), content=part.content * 2)]
        case 3:
            new = [replace(part, flags=part.flags ^ chance.choice((8, 0x0800, 1, 0x20)))]
        case 4:
            new = [replace(part, extra=chance.choice(_EXTRAS), is_wide=chance.random() < 0.5)]
        case 5:
            new = [replace(part, local_extra=chance.choice(_EXTRAS))]
        case 6:
            new = [replace(part, name=chance.choice((*_NAMES, parts[0].name if parts else b"")))]
        case _:
            new = [part, Part(name=chance.choice(_NAMES), content=b"")]
            return replace(archive, parts=tuple(new + parts), is_zip64=chance.random() < 0.5)
    at = chance.randrange(len(parts) + 1)
    return replace(archive, parts=(*parts[:at], *new, *parts[at:]))

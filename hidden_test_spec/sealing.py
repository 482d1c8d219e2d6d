"""A test set promised without being shown: counts per class and a salted commitment.

The seal is published before the deadline. It shows how many images each class has and one SHA-256,
which can't be compared with guessed names or files without the salt. The key holds the salt and
every name, label and hash; anyone who gets it after the deadline can compute the SHA-256 again, and
so knows that the images are those that were promised.

What is hashed is ASCII text, different for any two sets: the line `_PREFIX`, the salt in
hexadecimal, and for each image the JSON array [name, label, sha256], all sorted, each line ended by
a line feed. Names are <folder>/<file> in Unicode NFC, since file systems and archives rewrite them
between NFC and NFD; names that differ in nothing else can't be sealed. Labels are compared as
everywhere in this project, after NFC and case folding.
"""

import datetime as dt
import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from hidden_test_spec.labels import label_key
from hidden_test_spec.sidecar import Sha256

_PREFIX = "hidden test set, version 1"
_ALGORITHM = (
    "SHA-256 of ASCII lines, each ended by a line feed: first 'hidden test set, version 1', then "
    "the salt in hexadecimal, then for each image the JSON array [name, label, sha256 of the file] "
    "without spaces and with \\u escapes, these lines sorted. Names are folder/file in Unicode "
    "NFC; labels are in NFC and case folded."
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SealedImage(_Frozen):
    """One image of the promised set: its name in NFC as <folder>/<file>, its label, its hash."""

    name: str
    label: str
    sha256: Sha256


class SealedSpec(_Frozen):
    """The spec that the labels are from."""

    name: str
    version: str


class Seal(_Frozen):
    """What is published before the deadline. It contains no image's name or hash."""

    schema_version: Literal[1] = 1
    algorithm: str = _ALGORITHM
    created: dt.date
    spec: SealedSpec | None = Field(description="None where folders are the labels.")
    n_images: int
    counts: dict[str, int] = Field(description="How many images each class has.")
    commitment: Sha256


class SealKey(_Frozen):
    """What stays secret until the deadline."""

    schema_version: Literal[1] = 1
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    images: tuple[SealedImage, ...]


_ChangeKind: TypeAlias = Literal["added", "removed", "changed", "moved", "renamed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference from the promised set.

    Attributes:
        name: The promised name; for an added image, the name it has.
        kind: Whether the image was not promised, is missing, or has other bytes, another label or
            another name.
        promised: None if it was added.
        found: None if it was removed.
    """

    name: str
    kind: _ChangeKind
    promised: SealedImage | None
    found: SealedImage | None


def sealed_image(name: str, *, label: str, sha256: str) -> SealedImage:
    """An image as it is sealed, with its name and label in NFC."""
    return SealedImage(
        name=unicodedata.normalize("NFC", name),
        label=unicodedata.normalize("NFC", label),
        sha256=sha256,
    )


def seal_images(key: SealKey, *, created: dt.date, spec: SealedSpec | None) -> Seal:
    """The public side of a key.

    Args:
        key: The images, whose names all differ, and 32 random bytes.
        created: The day of the promise.
        spec: Which spec the labels are from.
    """
    return Seal(
        created=created,
        spec=spec,
        n_images=len(key.images),
        counts=_counts(key.images),
        commitment=commitment_of(key),
    )


def commitment_of(key: SealKey) -> str:
    """The SHA-256 that commits to the images, in any order, as 64 hexadecimal digits."""
    rows = [[one.name, label_key(one.label), one.sha256] for one in key.images]
    lines = sorted(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    text = "".join(f"{line}\n" for line in (_PREFIX, key.salt, *lines))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def belongs(key: SealKey, seal: Seal) -> bool:
    """Whether a seal was made with this key, its counts included."""
    made = seal_images(key, created=seal.created, spec=seal.spec)
    return (
        made.commitment == seal.commitment
        and made.n_images == seal.n_images
        and _by_key(made.counts) == _by_key(seal.counts)
    )


def repeated_names(images: Iterable[SealedImage]) -> tuple[str, ...]:
    """Names that several images share after NFC, sorted; such a set can't be sealed."""
    counts = Counter(one.name for one in images)
    return tuple(sorted(name for name, n_images in counts.items() if n_images > 1))


def changes_between(
    promised: Iterable[SealedImage], found: Iterable[SealedImage]
) -> tuple[Change, ...]:
    """How a set differs from the promised one, in the order of names; names must be unique."""
    before = {one.name: one for one in promised}
    after = {one.name: one for one in found}
    changes = [
        change
        for name in before.keys() & after.keys()
        if (change := _change_in_place(before[name], after[name])) is not None
    ]
    new: dict[str, list[SealedImage]] = defaultdict(list)
    for name, one in sorted(after.items()):
        if name not in before:
            new[one.sha256].append(one)
    for name, one in sorted(before.items()):
        if name not in after:
            changes.append(_change_of_name(one, new[one.sha256]))
    changes += [
        Change(name=one.name, kind="added", promised=None, found=one)
        for images in new.values()
        for one in images
    ]
    return tuple(sorted(changes, key=lambda change: change.name))


def _change_in_place(promised: SealedImage, found: SealedImage) -> Change | None:
    """How an image of the same name differs; None if it doesn't."""
    if promised.sha256 != found.sha256:
        return Change(name=promised.name, kind="changed", promised=promised, found=found)
    if label_key(promised.label) != label_key(found.label):
        return Change(name=promised.name, kind="moved", promised=promised, found=found)
    return None


def _change_of_name(promised: SealedImage, same_files: list[SealedImage]) -> Change:
    """What became of an image whose name is gone; its new place is removed from the list."""
    if not same_files:
        return Change(name=promised.name, kind="removed", promised=promised, found=None)
    found = same_files.pop(0)
    has_moved = label_key(promised.label) != label_key(found.label)
    kind: _ChangeKind = "moved" if has_moved else "renamed"
    return Change(name=promised.name, kind=kind, promised=promised, found=found)


def _counts(images: Iterable[SealedImage]) -> dict[str, int]:
    """Images per class, in the order of labels; spellings of one label count together."""
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for one in sorted(images, key=lambda image: image.label):
        label = spellings.setdefault(label_key(one.label), one.label)
        counts[label] = counts.get(label, 0) + 1
    return counts


def _by_key(counts: Mapping[str, int]) -> dict[str, int]:
    return {label_key(label): n_images for label, n_images in counts.items()}

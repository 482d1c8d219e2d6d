"""The lines of a journal: what was decided about photos, undone, and redone.

An entry says where each photo goes, so the entries together say where everything is and how to
get it back. File names are kept exactly: bytes that aren't UTF-8 are lone surrogates, escaped.
"""

import json
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
)

_N_PARTS_OF_IMAGE = 2


class Decision(StrEnum):
    """What is to become of a photo."""

    KEEP = "keep"
    REMOVE = "remove"
    MOVE = "move"


class Side(StrEnum):
    """Which of the two trees a photo is in."""

    IMAGES = "images"
    QUARANTINE = "quarantine"


def _check_inside(path: str) -> str:
    """A place must be inside its tree, even if the journal was tampered with."""
    parts = PurePosixPath(path).parts
    if ".." in parts or path.startswith("/") or "\0" in path or len(parts) < _N_PARTS_OF_IMAGE:
        raise ValueError("must be a path of a file in a folder inside the tree")
    return path


_Inside = Annotated[str, AfterValidator(_check_inside)]
_Time = Annotated[AwareDatetime, PlainSerializer(lambda time: time.isoformat())]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Frozen):
    """Where a photo is: in which tree, and its path there with forward slashes."""

    side: Side
    path: _Inside

    def under(self, images: Path, quarantine: Path) -> Path:
        """The file itself."""
        return (images if self.side is Side.IMAGES else quarantine) / self.path


class Change(_Frozen):
    """What an entry does to one photo; source and target are the same where it stays."""

    origin: _Inside = Field(description="CLASS_FOLDER/FILE before anything was decided about it.")
    source: Place
    target: Place
    decision: Decision
    reason: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Decided(_Frozen):
    """Decisions that were made together, and are undone together."""

    kind: Literal["decided"] = "decided"
    number: int
    at: _Time
    by: str
    changes: tuple[Change, ...]


class Undone(_Frozen):
    """The entry `of` was undone."""

    kind: Literal["undone"] = "undone"
    number: int
    at: _Time
    by: str
    of: int


class Redone(_Frozen):
    """The entry `of`, which had been undone, applies again."""

    kind: Literal["redone"] = "redone"
    number: int
    at: _Time
    by: str
    of: int


_Entry: TypeAlias = Annotated[Decided | Undone | Redone, Field(discriminator="kind")]
_ENTRY: TypeAdapter[Decided | Undone | Redone] = TypeAdapter(_Entry)


def entry_line(entry: Decided | Undone | Redone) -> str:
    """An entry as one line of JSON, with its newline."""
    return f"{json.dumps(entry.model_dump())}\n"


def parse_entry(line: str) -> Decided | Undone | Redone:
    """The entry that a line holds.

    Raises:
        ValueError: If it holds none.
    """
    return _ENTRY.validate_python(json.loads(line))

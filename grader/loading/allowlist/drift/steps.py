"""The kinds of rows that bring an old module's record up to date.

A row names classes by where they are today; a name that ends in a dot stands for every class below
it. A row acts only on records that lack what it supplies or have what it replaces, so a record of
today's class is left as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from grader.loading.inert.nodes import Node
from grader.loading.learner.inspection import ModuleRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """An attribute that older versions lack.

    Attributes:
        classes: Where it is read today.
        name: The attribute.
        value: What older versions did.
        reason: Why this value is right.
    """

    classes: tuple[str, ...]
    name: str
    value: Node
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """An attribute that older versions lack, and that follows from what they have.

    Attributes:
        classes: Where it is read today.
        name: The attribute.
        how: Its value, from the record.
    """

    classes: tuple[str, ...]
    name: str
    how: Callable[[ModuleRecord], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Children that are called today, and were skipped or absent: each becomes an Identity."""

    classes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Children that may be None today and that older versions don't mention."""

    classes: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An attribute, child or tensor that has another name today."""

    classes: tuple[str, ...]
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Children that ran one after another, and that one child does today.

    Attributes:
        classes: The parents.
        name: The child that does it today.
        parts: The old children in running order; nothing is joined unless both ends are there.
    """

    classes: tuple[str, ...]
    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequenced:
    """A class that did nothing but run children in order, and is gone today.

    Attributes:
        classes: Where they were.
        parts: The children, in running order.
        then: A class without numbers that its code ran last, if it did.
    """

    classes: tuple[str, ...]
    parts: tuple[str, ...]
    then: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A record that a function brings up to date, as no other kind of row can.

    Attributes:
        classes: Where they are today.
        how: Makes the new record from one whose children are up to date, and the old record.
    """

    classes: tuple[str, ...]
    how: Callable[[ModuleRecord, ModuleRecord], ModuleRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A class that computes something else today, and no row tells how to do what it did.

    Attributes:
        classes: Where they are today.
        when: Which records, as they were read, today's class computes otherwise.
        reason: What changed, and since when.
    """

    classes: tuple[str, ...]
    when: Callable[[ModuleRecord], bool]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Attributes, children or tensors that have no effect in a grade, and why."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """A cache that is filled while a model runs; whatever an export holds, it begins empty."""

    classes: tuple[str, ...]
    name: str


Step: TypeAlias = (
    Default
    | Derived
    | Idle
    | Absent
    | Renamed
    | Joined
    | Sequenced
    | Rewritten
    | Changed
    | Unread
    | Emptied
)

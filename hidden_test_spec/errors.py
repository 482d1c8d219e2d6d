"""Expected errors of all packages. Each one says what is wrong, where, and what to do next."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

MAX_LISTED = 10
MAX_FAULTS = 50
MAX_QUOTED_CHARACTERS = 1000


def quote(name: str) -> str:
    """A name in double quotes, with control and formatting characters escaped; a long one cut."""
    if len(name) > MAX_QUOTED_CHARACTERS:
        return f'"{plain(name[:MAX_QUOTED_CHARACTERS])}..."'
    return f'"{plain(name)}"'


def plain(text: str) -> str:
    r"""A text unquoted, with its control and formatting characters escaped.

    Example:
        >>> print(plain("wren\x07"))
        wren\x07
    """
    return "".join(
        char if unicodedata.category(char)[0] != "C" else char.encode("unicode_escape").decode()
        for char in text
    )


def quote_all(names: Iterable[str]) -> str:
    """Names quoted, sorted and joined; a long list is cut with a count."""
    ordered = sorted(names)
    shown = ", ".join(quote(name) for name in ordered[:MAX_LISTED])
    n_more = len(ordered) - MAX_LISTED
    return f"{shown} and {n_more} more" if n_more > 0 else shown


def list_faults(faults: Sequence[str]) -> str:
    """Faults for the end of a `what`, one per line; a long list is cut with a count."""
    lines = [f"\n  - {fault}" for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        lines.append(f"\n  and {len(faults) - MAX_FAULTS} more")
    return "".join(lines)


class ExpectedError(Exception):
    """An expected error. Its message says what is wrong, where, and what to do next."""

    exit_code: ClassVar[int]

    def __init__(self, *, what: str, where: str, advice: str) -> None:
        """Build the message.

        Args:
            what: What is wrong, as a sentence without its full stop.
            where: The file, folder or option it is about.
            advice: What to do next, as a sentence without its full stop.
        """
        self.what = what
        self.where = where
        self.advice = advice
        super().__init__(f"{what}\n  where: {quote(where)}\n  what to do: {advice}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a spec: `where` is a dotted path into the file, `problem` a sentence."""

    where: str
    problem: str


class SpecError(Exception):
    """A spec that can't be used; holds every fault that was found in it."""

    def __init__(self, *, source: str, faults: tuple[Fault, ...]) -> None:
        """Build the message from the source's name and its faults."""
        self.source = source
        self.faults = faults
        lines = "\n".join(f"  {fault.where}: {fault.problem}" for fault in faults)
        n = len(faults)
        super().__init__(
            f"The spec {quote(source)} has {n} fault{'s' if n != 1 else ''}:\n{lines}\n"
            "Fix the file and try again; hidden_test_spec/schema.json describes every key."
        )

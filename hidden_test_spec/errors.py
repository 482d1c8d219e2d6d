"""Errors of the contract. Each one says what is wrong, where, and what to do next."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LISTED = 10


def quote(name: str) -> str:
    """A name in double quotes, with control and formatting characters escaped."""
    return f'"{plain(name)}"'


def plain(text: str) -> str:
    r"""A text as it stands, its control and formatting characters escaped.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a spec: `where` is a dotted path into the file, `problem` a sentence."""

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
            "Mend the file and try again; hidden_test_spec/schema.json describes every key."
        )

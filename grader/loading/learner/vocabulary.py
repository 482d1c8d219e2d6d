"""The class names of an export as strings, and what is wrong with them."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from grader.loading.inert.nodes import DictNode, ListNode, Node, described
from grader.loading.inert.objects import items_of
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.inspection import Finding
from hidden_test_spec.errors import MAX_LISTED, quote_all
from hidden_test_spec.lookalikes import look_alikes, mixes_alphabets, odd_characters

_MAX_CLASSES = 100_000
_MAX_NAME_CHARACTERS = 500
_MAX_CHARACTERS = 1_000_000  # of all names together, to limit the time for checking them

_MAX_BITS = 64
_MAX_EDGES = 100
_WHERE = "vocab"
_ADVICE = "name every class with a plain word, like its folder, and export again"
_MARKUP = re.compile(r"</?[a-zA-Z!]")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.]+$).")
_PATH = re.compile(r"[/\\]|^\.+$")


def read_vocab(node: Node) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The class names, and findings about them.

    Args:
        node: The list of classes as the export holds it.

    Returns:
        The names in order, numbers and truth values as Python prints them; and one finding for
        each kind of fault. Entries that are none of these are described, and are a fault.
    """
    items = items_of(node)
    if not items or len(items) > _MAX_CLASSES:
        what = "it has no classes" if not items else f"it has {len(items)} classes"
        return (), (_refusal(what),)
    values = [_value(item) for item in items]
    texts = [_as_text(value) for value in values]
    names = tuple(
        _described(value) if text is None else text
        for text, value in zip(texts, values, strict=True)
    )
    n_characters = sum(map(len, names))
    if n_characters > _MAX_CHARACTERS:
        return (), (_refusal(f"its class names have {n_characters} characters together"),)
    strangers = [name for name, text in zip(names, texts, strict=True) if text is None]
    faults = [_fault("are neither text nor numbers", strangers)] if strangers else []
    return names, (*faults, *_faults(names), *_notes(names, values))


def _value(item: Node) -> object:
    """The value of a name or number; for anything else an error, and a container isn't read."""
    if isinstance(item, (tuple, ListNode, DictNode)):
        return NotPlainError(described(item))
    try:
        return plain_value(item, max_edges=_MAX_EDGES)
    except NotPlainError as error:
        return error


def _as_text(value: object) -> str | None:
    """A class's name as text; None if it is something that doesn't name a class."""
    match value:
        case str():
            return value
        case int() if value.bit_length() <= _MAX_BITS:
            return str(value)
        case float() if math.isfinite(value):
            return str(value)
    return None


def _described(value: object) -> str:
    if value is None or isinstance(value, float):
        return str(value)
    if isinstance(value, int):
        return f"a number of {value.bit_length()} bits"
    return str(value) if isinstance(value, NotPlainError) else f"a {type(value).__name__}"


def _notes(names: tuple[str, ...], values: list[object]) -> Iterator[Finding]:
    others = [
        name
        for name, value in zip(names, values, strict=True)
        if isinstance(value, (int, float)) and _as_text(value) is not None
    ]
    if others:
        what = (
            f"its classes {quote_all(others)} are numbers or truth values; folders of the test set,"
            " or aliases of the spec, name them by these texts"
        )
        yield Finding(severity="note", what=what, where=_WHERE)


def _refusal(what: str) -> Finding:
    return Finding(severity="refusal", what=what, where=_WHERE, advice=_ADVICE)


def _fault(what: str, names: list[str]) -> Finding:
    return _refusal(
        f"class names {what}: {quote_all(name[:_MAX_NAME_CHARACTERS] for name in names)}"
    )


def _faults(all_names: tuple[str, ...]) -> list[Finding]:
    repeated = [name for name, count in Counter(all_names).items() if count > 1]
    names = [name for name in all_names if len(name) <= _MAX_NAME_CHARACTERS]
    kinds = (
        ("appear twice", repeated),
        ("are empty", [name for name in names if not name.strip()]),
        ("are too long", [name for name in all_names if len(name) > _MAX_NAME_CHARACTERS]),
        ("hold control or formatting characters", [name for name in names if _is_hidden(name)]),
        ("look like a path", [name for name in names if _PATH.search(name)]),
        ("hold markup", [name for name in names if _MARKUP.search(name)]),
        ("look like a spreadsheet's formula", [name for name in names if _FORMULA.match(name)]),
    )
    faults = [_fault(what, faulty) for what, faulty in kinds if faulty]
    return [*faults, *_look_alikes(names)]


def _look_alikes(names: list[str]) -> Iterator[Finding]:
    """Names that people can't tell apart; one that mixes alphabets may be intended."""
    for group in look_alikes(names)[:MAX_LISTED]:
        odd = dict.fromkeys(one for name in group for one in odd_characters(name))
        yield _refusal(f"class names look alike: {quote_all(group)}; look for {', '.join(odd)}")
    mixed = [name for name in names if mixes_alphabets(name)]
    if mixed:
        odd = dict.fromkeys(one for name in mixed for one in odd_characters(name))
        said = f"class names mix Latin letters with others: {quote_all(mixed)}"
        hint = f"; look for {', '.join(list(odd)[:MAX_LISTED])}" if odd else ""
        yield Finding(severity="warning", what=said + hint, where=_WHERE)


def _is_hidden(name: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in name)

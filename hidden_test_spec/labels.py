"""How labels compare: after Unicode NFC and case folding, by the same rule on both sides."""

import unicodedata
from collections.abc import Iterable, Mapping


def label_key(label: str) -> str:
    r"""The form in which two spellings of one label are equal.

    Case folding can undo a normalisation, so NFC is applied before and after it.

    Example:
        >>> label_key("CIGU\u0308EN\u0303A") == label_key("cigüeña")
        True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", label).casefold())


def label_lookup(names_by_label: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Every accepted spelling's key, and the label it stands for.

    Args:
        names_by_label: The aliases of each label. The label itself always counts as one.

    Returns:
        A dictionary from `label_key(spelling)` to label. Where two labels claim one spelling, the
        first keeps it; `colliding_labels` names such pairs.
    """
    lookup: dict[str, str] = {}
    for label, names in names_by_label.items():
        for name in (label, *names):
            lookup.setdefault(label_key(name), label)
    return lookup


def colliding_labels(
    names_by_position: Iterable[tuple[str, Iterable[str]]],
) -> tuple[tuple[str, str, str], ...]:
    """Spellings that two classes claim.

    Args:
        names_by_position: The label and the aliases of each class, in order. A label may repeat.

    Returns:
        One (spelling, first label, second label) for each spelling claimed again.
    """
    owners: dict[str, tuple[int, str]] = {}
    collisions = []
    for position, (label, names) in enumerate(names_by_position):
        for name in (label, *names):
            first_position, first_label = owners.setdefault(label_key(name), (position, label))
            if first_position != position:
                collisions.append((name, first_label, label))
    return tuple(collisions)

"""A model's class names against those of a spec. Their order is free, and aliases are understood.

What is wrong with a name by itself, such as markup in it, is reported when the export is read.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from grader.checking.results import CheckItem
from hidden_test_spec.errors import MAX_LISTED, quote, quote_all
from hidden_test_spec.labels import label_key
from hidden_test_spec.lookalikes import appearance_key, odd_characters
from hidden_test_spec.spec import Spec

_MAX_GUESSED_NAMES = 200
_MAX_GUESSED_CHARACTERS = 100

_RENAME = "name the class as the spec does (its folder, when you train) and export again"


def compare_class_names(vocab: Sequence[str], spec: Spec) -> tuple[CheckItem, ...]:
    """How the names compare with those of a spec, all findings at once.

    A missing class is a fault: a test that has images of it can't be graded. A class that the spec
    doesn't know, or one that several names stand for, is a warning.

    Args:
        vocab: The model's class names, in any order.
        spec: The contract.
    """
    lookup = spec.lookup()
    names_of: dict[str, list[str]] = {}
    strangers = []
    for name in vocab:
        label = lookup.get(label_key(name))
        if label is None:
            strangers.append(name)
        else:
            names_of.setdefault(label, []).append(name)
    disguised = _disguised(strangers, spec)
    extra = [name for name in strangers if name not in disguised]
    missing = [
        label for label in spec.labels if label not in names_of and label not in disguised.values()
    ]
    guesses = _guesses(missing[:MAX_LISTED], extra)
    items = (
        *(_look_alike(name, label) for name, label in disguised.items()),
        *_missing(missing, guesses),
        *_extra([name for name in extra if name not in guesses.values()]),
        *_repeated(names_of, extra),
    )
    return items if any(item.status == "fault" for item in items) else (_all(names_of), *items)


def _disguised(strangers: Sequence[str], spec: Spec) -> dict[str, str]:
    """Names that differ from a class of the spec but look like it, each with that class."""
    looks = {
        appearance_key(spelling): one.label
        for one in spec.classes
        for spelling in (one.label, *one.aliases)
    }
    seen = ((name, looks.get(appearance_key(name))) for name in strangers)
    return {name: label for name, label in seen if label is not None}


def _look_alike(name: str, label: str) -> CheckItem:
    odd = ", ".join(odd_characters(name)) or "other characters"
    return CheckItem(
        name="classes",
        status="fault",
        said=f"{quote(name)} only looks like a name of the class {quote(label)}: it has {odd}",
        advice=f"retype the name as {quote(label)} and export again",
    )


def _missing(missing: Sequence[str], guesses: Mapping[str, str]) -> list[CheckItem]:
    if not missing:
        return []
    hints = "".join(
        f"; {quote(name)} may be meant for {quote(label)}" for label, name in guesses.items()
    )
    return [
        CheckItem(
            name="classes",
            status="fault",
            said=f"the model lacks classes of the spec: {quote_all(missing)}{hints}",
            advice=f"train it on every class; {_RENAME}" if not hints else _RENAME,
        )
    ]


def _guesses(missing: Sequence[str], extra: Sequence[str]) -> dict[str, str]:
    """For a missing label, the unknown name that is spelt most like it, if any."""
    names = {
        label_key(name): name
        for name in extra[:_MAX_GUESSED_NAMES]
        if len(name) <= _MAX_GUESSED_CHARACTERS
    }
    close = ((label, get_close_matches(label_key(label), names, n=1)) for label in missing)
    return {label: names[found[0]] for label, found in close if found}


def _extra(extra: Sequence[str]) -> list[CheckItem]:
    if not extra:
        return []
    return [
        CheckItem(
            name="classes",
            status="warning",
            said=f"the spec has no classes with these names: {quote_all(extra)}",
            advice="leave them out, since predicting one of them is never right",
        )
    ]


def _repeated(names_of: Mapping[str, Sequence[str]], extra: Sequence[str]) -> list[CheckItem]:
    """One item for each class that several names stand for."""
    by_key: dict[str, list[str]] = {}
    for name in extra:
        by_key.setdefault(label_key(name), []).append(name)
    groups = [*names_of.items(), *((names[0], names) for names in by_key.values())]
    repeated = [(label, names) for label, names in groups if len(names) > 1]
    return [
        CheckItem(
            name="classes",
            status="warning",
            said=f"{len(names)} of its classes stand for {quote(label)}: {quote_all(names)}",
            advice="put their photos in one folder and train again; as it is, their "
            "probabilities are summed",
        )
        for label, names in repeated[:MAX_LISTED]
    ]


def _all(names_of: Mapping[str, Sequence[str]]) -> CheckItem:
    aliases = [
        f"{quote(name)} means {quote(label)}"
        for label, names in names_of.items()
        for name in names
        if label_key(name) != label_key(label)
    ]
    understood = f"; {', '.join(aliases)}" if aliases else ""
    said = f"all {len(names_of)} classes of the spec are there{understood}"
    return CheckItem(name="classes", status="ok", said=said)

import re

import pytest

from grader.loading.inspecting import inspect_export
from tests.grader.loading.reading import Write, reasons
from tests.hostile import NONE, keep, learner, number, recall, text

VOCABS = {
    "no strings": ((number(0), NONE), 'are not strings: "0", "None"'),
    "repeated": ((text("a"), text("a")), "appear twice"),
    "control characters": ((text("a\x1b[2K"),), r"control or formatting characters: .*x1b"),
    "a path": ((text("../owl"),), "look like a path"),
    "markup": ((text("<img src=x>"),), "hold markup"),
    "a formula": ((text("=1+1"),), "look like a spreadsheet"),
    "empty": ((text(" "),), "are empty"),
    "too long": ((text("a" * 501),), "are too long"),
    "too long together": ((text("a" * 300) + keep(9), *[recall(9)] * 3499), "1050000 characters"),
    "look-alikes": ((text("owl"), text("\u043ewl")), r"look alike: .*CYRILLIC SMALL LETTER O"),
    "nothing": ((), "it has no classes"),
}


@pytest.mark.parametrize("kind", VOCABS)
def test_dangerous_class_names_are_refused(kind: str, write: Write) -> None:
    """Each kind of fault is named with the class."""
    vocab, message = VOCABS[kind]
    found = reasons(inspect_export(write(learner(*vocab))))
    assert any(re.search(message, reason) for reason in found)


def test_a_name_that_mixes_alphabets_is_a_warning(write: Write) -> None:
    """It may be intended, and nothing else looks like it."""
    inspection = inspect_export(write(learner(text("owl"), text("\u0441ow"))))

    (finding,) = (one for one in inspection.findings if one.where == "vocab")
    assert finding.severity == "warning"
    assert "U+0441 CYRILLIC SMALL LETTER ES" in finding.what


def test_honest_class_names_are_kept_in_order(write: Write) -> None:
    """Accents, digits, signs and spaces are not faults."""
    names = ("cigüeña", "2", "-1", "great tit", "n01440764", "rock 'n' roll")
    inspection = inspect_export(write(learner(*map(text, names))))
    assert (inspection.vocab, inspection.refusals) == (names, ())

import math
import pickle
import re
import struct

import numpy as np
import pytest

from grader.loading.inspecting import inspect_export
from tests.grader.loading.reading import Write, reasons
from tests.hostile import NONE, keep, learner, number, recall, text

# Opcodes for truth values, a long integer and a floating-point number.
FALSE, TRUE = b"\x89", b"\x88"
GIANT = b"\x8a\x09" + (2**70).to_bytes(9, "little")
NAN, HALF = (b"G" + struct.pack(">d", value) for value in (math.nan, 0.5))

VOCABS = {
    "nothing at all": ((text("0"), NONE), 'neither text nor numbers: "None"'),
    "a giant number": ((text("0"), GIANT), 'neither text nor numbers: "a number of 71 bits"'),
    "no number": ((text("0"), NAN), 'neither text nor numbers: "nan"'),
    "a number twice": ((text("3"), number(3)), 'appear twice: "3"'),
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


def of_numpy(value: np.generic) -> bytes:
    """Pushes one of numpy's numbers, as labels from a table are."""
    return pickle.dumps(value, protocol=2)[2:-1]


@pytest.mark.parametrize(
    ("vocab", "names"),
    [
        ((FALSE, TRUE), ("False", "True")),
        ((number(3), number(7)), ("3", "7")),
        ((number(-1), HALF), ("-1", "0.5")),
        ((of_numpy(np.int64(3)), of_numpy(np.int32(7))), ("3", "7")),
        ((of_numpy(np.False_), of_numpy(np.True_)), ("False", "True")),
        ((of_numpy(np.str_("crow")), of_numpy(np.float64(2))), ("crow", "2.0")),
    ],
)
def test_numbers_and_truth_values_name_classes_by_their_text(
    vocab: tuple[bytes, ...], names: tuple[str, ...], write: Write
) -> None:
    """A note says how the test set can name them."""
    inspection = inspect_export(write(learner(*vocab)))
    assert (inspection.vocab, inspection.refusals) == (names, ())
    (note,) = (finding for finding in inspection.findings if finding.where == "vocab")
    assert note.severity == "note"
    assert "numbers or truth values" in note.what


def test_honest_class_names_are_kept_in_order(write: Write) -> None:
    """Accents, digits, signs and spaces are not faults."""
    names = ("cigüeña", "2", "-1", "great tit", "n01440764", "rock 'n' roll")
    inspection = inspect_export(write(learner(*map(text, names))))
    assert (inspection.vocab, inspection.refusals) == (names, ())

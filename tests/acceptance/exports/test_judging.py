import json
from pathlib import Path

import numpy as np
import pytest

from acceptance.exports.corpus import Answers, Row, read_rows
from acceptance.exports.judging import judge, names_reason
from acceptance.exports.outcomes import Outcome, as_reply, outcome_of
from acceptance.watched.sightings import Sighting

PROBABILITIES = ((0.75, 0.25), (0.5, 0.5), (0.125, 0.875))
IMAGES = ("garza/1.png", "loro/2.png", "a\u0301guila/3.png")
HEADINGS = [
    "path",
    "kind",
    "fastai",
    "torch",
    "images",
    "expected",
    "why",
    "comparable",
    "tolerance",
    "reference",
]


def make_row(
    folder: Path,
    *,
    expected: str = "graded",
    why: str = "",
    comparable: str = "all",
    reference: str = "probabilities",
) -> Row:
    """The one row of a folder's index, with the three pictures above as its reference."""
    cells = ["state_dict.pkl", "plain", "2.8.12", "2.14", "images", expected, why]
    lines = [HEADINGS, [*cells, comparable, "1e-5", reference]]
    (folder / "index.tsv").write_text("\n".join("\t".join(line) for line in lines), "utf-8")
    numbers = np.array(PROBABILITIES)
    record = {
        "files": [f"images/{name}" for name in IMAGES],
        "vocab": ["Garza", "loro"],
        "probs": (np.log(numbers) + 3 if reference == "scores" else numbers).tolist(),
    }
    (folder / "state_dict.json").write_text(json.dumps(record), "utf-8")
    (row,) = read_rows(folder)
    return row


def make_outcome(
    *,
    first: float = 0.75,
    images: tuple[str, ...] = IMAGES,
    message: str = "",
    exit_code: int = 0,
    sightings: tuple[Sighting, ...] = (),
) -> Outcome:
    """Answers with the classes the other way round, or a message instead."""
    numbers = np.array(PROBABILITIES)[: len(images)]
    numbers[0, 0] = first
    answers = Answers(images=images, vocab=("loro", "garza"), probabilities=numbers[:, ::-1])
    return Outcome(
        exit_code=exit_code,
        message=message,
        answers=None if message else answers,
        wall_s=0.5,
        faults=sightings,
    )


@pytest.mark.parametrize("reference", ["probabilities", "scores"])
def test_equal_answers_are_as_expected_in_any_order_of_classes(
    tmp_path: Path, reference: str
) -> None:
    """Names are compared in composed form and any case; scores are turned into probabilities."""
    found = judge(make_row(tmp_path, reference=reference), make_outcome())

    assert found.faults == ()
    assert found.deviation == pytest.approx(0, abs=1e-12)


def test_an_answer_beyond_the_tolerance_fails_its_row(tmp_path: Path) -> None:
    """The deviation is named."""
    found = judge(make_row(tmp_path), make_outcome(first=0.7502))

    assert found.faults == ("off by 0.0002, tolerance 1e-05",)


def test_an_answer_that_is_no_number_fails_its_row(tmp_path: Path) -> None:
    """It is within no tolerance."""
    assert judge(make_row(tmp_path), make_outcome(first=float("nan"))).faults


def test_only_comparable_pictures_are_compared(tmp_path: Path) -> None:
    """The first one here isn't among them."""
    found = judge(make_row(tmp_path, comparable="1,2"), make_outcome(first=0.1))

    assert found.faults == ()


def test_a_picture_without_an_answer_fails_its_row(tmp_path: Path) -> None:
    """An image that was skipped is no agreement."""
    found = judge(make_row(tmp_path), make_outcome(images=IMAGES[:2]))

    assert found.faults == ("its answers are about other images or classes than the reference",)


def test_what_was_seen_fails_a_row_whose_answers_are_right(tmp_path: Path) -> None:
    """The first few sightings are named, the others counted."""
    seen = [
        Sighting(kind="os.system", what=f"touch {n}", asked_by="x", during="", is_named=False)
        for n in range(5)
    ]

    found = judge(make_row(tmp_path), make_outcome(sightings=tuple(seen)))

    assert found.faults[0] == "seen: os.system touch 0 (asked by x)"
    assert found.faults[-1] == "and 2 more seen"


@pytest.mark.parametrize(
    ("exit_code", "message", "start"),
    [
        (4, "it is not a Learner: a state dict, the weights", ""),
        (4, "it is broken\n  where: /models/state_dict.pkl", "refused, but not because"),
        (3, "it is not a Learner: a state dict", "exit code 3"),
        (0, "", "graded, though"),
    ],
)
def test_a_refusal_needs_its_exit_code_and_its_reason(
    tmp_path: Path, exit_code: int, message: str, start: str
) -> None:
    """The name of the file gives no reason."""
    row = make_row(tmp_path, expected="refused", why="not a Learner: a state dict")

    found = judge(row, make_outcome(exit_code=exit_code, message=message))

    assert "".join(found.faults)[: len(start)] == start
    assert bool(found.faults) == bool(start)


def test_a_process_that_died_fails_its_row(tmp_path: Path) -> None:
    """Neither kind of row expects that."""
    row = make_row(tmp_path, expected="refused", why="not a Learner: a state dict")

    assert judge(row, outcome_of(None)).faults == (
        "exit code None: the process died or ran out of time",
    )


@pytest.mark.parametrize(
    ("why", "message", "is_named"),
    [
        ("needs the submission's own code (class StudentNet)", 'the class "StudentNet"', True),
        ("needs the submission's own code (class StudentNet)", "it needs own code", False),
        ("not a Learner: TorchScript", "it is TorchScript", True),
        ("not a Learner: a bare module", "it is a\n bare module", True),
        ("not a Learner: a bare module", "it is not a Learner", False),
        ("multi-label: not a single-label classifier", "it is multi label", True),
        ("multi-label: not a single-label classifier", "not a single-label one", False),
    ],
)
def test_a_reason_is_known_by_its_own_word(why: str, message: str, is_named: bool) -> None:  # noqa: FBT001 - a case
    """Spelled in any case, with or without a hyphen."""
    assert names_reason(message, why) is is_named


def test_an_outcome_survives_its_way_between_processes() -> None:
    """Every digit of the answers too."""
    sent = make_outcome(first=0.1)

    received = outcome_of(json.loads(json.dumps(as_reply(sent))))

    assert received.answers is not None
    assert sent.answers is not None
    assert received.answers.probabilities.tolist() == sent.answers.probabilities.tolist()
    assert received.answers.images == sent.answers.images

import json
from pathlib import Path

import pytest

from acceptance.hostile.cases import Case, Score, read_cases
from acceptance.hostile.judging import faults_of
from acceptance.hostile.runs import Graded, write_spec
from acceptance.watched.commands import Run
from acceptance.watched.sightings import Sighting
from hidden_test_spec.reading import read_spec

CONTROL = Graded(n_correct=18, n_ties=0, loss=0.0029)
REFUSAL = "Error: it is refused\n"


def make_case(folder: Path, expected: str, technique: str = "", note: str = "") -> Case:
    """The one case of a folder's index."""
    cells = ["a.pkl", "cheat", technique, expected, note]
    headings = ["file", "class", "technique", "expected", "note"]
    text = "\n".join("\t".join(line) for line in (headings, cells))
    (folder / "index.tsv").write_text(text, "utf-8")
    (case,) = read_cases(folder)
    return case


def make_run(
    exit_code: int = 4,
    *,
    stdout: str = "",
    stderr: str = "",
    wall_s: float = 1.0,
    peak_bytes: int = 1,
    fired: tuple[str, ...] = (),
    sightings: tuple[Sighting, ...] = (),
) -> Run:
    """A run that ended like this."""
    return Run(
        exit_code=exit_code,
        wall_s=wall_s,
        peak_bytes=peak_bytes,
        stdout=stdout,
        stderr=stderr,
        fired=fired,
        sightings=sightings,
    )


def report(n_correct: int = 18, n_ties: int = 0, loss: float = 0.0029) -> str:
    """What `evaluate` prints."""
    return json.dumps({"metrics": {"n_correct": n_correct, "n_ties": n_ties, "loss": loss}})


@pytest.mark.parametrize("expected", ["refused", "refused-with-clear-error"])
def test_a_file_to_refuse_may_only_be_refused(tmp_path: Path, expected: str) -> None:
    """With a reason."""
    case = make_case(tmp_path, expected)

    assert faults_of(case, "evaluate", make_run(stderr=REFUSAL), CONTROL) == ()
    assert faults_of(case, "check", make_run(3, stderr=REFUSAL), CONTROL) == ()
    assert faults_of(case, "evaluate", make_run(), CONTROL) == ("refused without a reason",)
    assert faults_of(case, "evaluate", make_run(0, stdout=report()), CONTROL) == (
        "graded, with exit code 0",
    )


def test_a_file_to_grade_must_score_as_the_control_does(tmp_path: Path) -> None:
    """Right images and loss; a refusal is a fault."""
    case = make_case(tmp_path, "graded-correctly")

    assert faults_of(case, "evaluate", make_run(0, stdout=report()), CONTROL) == ()
    assert faults_of(case, "evaluate", make_run(stderr=REFUSAL), CONTROL) == (
        "refused: Error: it is refused",
    )
    assert faults_of(case, "evaluate", make_run(0, stdout=report(17, loss=0.01)), CONTROL) == (
        "17 images right, the control 18",
        "loss 0.010000, the control's 0.002900",
    )


def test_a_file_that_would_run_may_be_graded_or_refused(tmp_path: Path) -> None:
    """If it is graded, then from its weights."""
    case = make_case(tmp_path, "refused, or graded with nothing executed")

    assert faults_of(case, "evaluate", make_run(0, stdout=report()), CONTROL) == ()
    assert faults_of(case, "evaluate", make_run(stderr=REFUSAL), CONTROL) == ()
    assert faults_of(case, "evaluate", make_run(0, stdout=report(17)), CONTROL) != ()


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        (make_run(stderr=REFUSAL, fired=("it touched it",)), "it touched it"),
        (make_run(stderr=REFUSAL, wall_s=10.5), "it took 10.5 s"),
        (make_run(stderr=REFUSAL, peak_bytes=3 * 2**30), "it used 3.0 GiB"),
        (make_run(1, stderr="Error\nTraceback (most recent call last):\nKey"), "a traceback: Key"),
        (make_run(1, stderr="Error: no"), "exit code 1"),
        (make_run(-11), "exit code -11"),
        (make_run(stderr="Error: \x1b[2K"), "control characters in what it printed"),
        (make_run(stderr="Error: a\rb"), "control characters in what it printed"),
    ],
)
@pytest.mark.parametrize("expected", ["refused", "refused, or graded with nothing executed"])
def test_no_file_may_fire_crash_or_exhaust(
    tmp_path: Path, run: Run, fault: str, expected: str
) -> None:
    """Whatever else is expected of it, and on every command."""
    case = make_case(tmp_path, expected)

    assert all(
        fault in faults_of(case, command, run, CONTROL)
        for command in ("inspect", "check", "evaluate")
    )


def test_what_was_seen_is_a_fault(tmp_path: Path) -> None:
    """Also where no canary tells of it."""
    seen = Sighting(
        kind="pickle.find_class", what="'os'", asked_by="torch", during="", is_named=False
    )

    found = faults_of(
        make_case(tmp_path, "refused"),
        "inspect",
        make_run(stderr=REFUSAL, sightings=(seen,)),
        CONTROL,
    )

    assert found == ("seen: pickle.find_class 'os' (asked by torch)",)


@pytest.mark.parametrize(
    ("technique", "note", "score"),
    [
        ("all logits equal: argmax ties favour class 0", "", Score.TIES),
        ("model ends in Softmax", "argmax unchanged, not calibrated", Score.RIGHT_IMAGES),
        ("RReLU, random activation", "", Score.RIGHT_IMAGES),
        ("loss_func.activation = noop", "grader computes its own", Score.ALL),
        ("vocab and head permuted together", "must score the same", Score.ALL),
        ("names of properties", "", Score.ALL),
    ],
)
def test_the_index_says_what_of_the_score_must_be_the_controls(
    tmp_path: Path, technique: str, note: str, score: Score
) -> None:
    """All of it, unless the technique changes the outputs."""
    assert make_case(tmp_path, "graded-correctly", technique, note).score is score


def test_ties_must_be_counted(tmp_path: Path) -> None:
    """But may be broken in any way."""
    case = make_case(tmp_path, "graded-correctly", "ties")

    assert faults_of(case, "evaluate", make_run(0, stdout=report(5, 18)), CONTROL) == ()
    assert faults_of(case, "evaluate", make_run(0, stdout=report(6)), CONTROL) == (
        "no tie was counted",
    )


def test_a_note_may_allow_a_refusal(tmp_path: Path) -> None:
    """As for members of the archive that nothing refers to."""
    case = make_case(tmp_path, "graded-correctly", note="must be ignored or refused, never opened")

    assert faults_of(case, "evaluate", make_run(stderr=REFUSAL), CONTROL) == ()


def test_the_spec_of_a_folder_has_its_classes(tmp_path: Path) -> None:
    """It can be read, and asks for nothing that a model could miss."""
    for label in ("águila", 'a "b"'):
        (tmp_path / "images" / label).mkdir(parents=True)

    write_spec(tmp_path / "images", tmp_path / "spec.toml")

    assert set(read_spec(str(tmp_path / "spec.toml")).labels) == {"águila", 'a "b"'}

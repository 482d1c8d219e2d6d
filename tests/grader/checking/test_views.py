import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.checking.views import inspection_json, inspection_text
from grader.loading.inspecting import inspect_file
from grader.loading.learner.inspection import Finding, Inspection

REFUSAL = Finding(severity="refusal", what="it is odd", where="model", advice="fix it")
WARNING = Finding(severity="warning", what="it is unusual", where="")
NOTE = Finding(severity="note", what="it is plain", where="pickle")


@pytest.fixture
def sound(sound_model: Path) -> Inspection:
    """What reading an export of three colours gives, with a short path and no findings."""
    inspection = inspect_file(sound_model)
    assert not inspection.refusals
    return replace(inspection, path=Path("models/mine.pkl"), findings=())


def lines_of(inspection: Inspection, *, width: int = 80) -> list[str]:
    """What is printed on a console of this width, line by line without trailing spaces."""
    file = io.StringIO()
    Console(file=file, width=width).print(inspection_text(inspection))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_the_first_line_says_that_it_can_be_graded(sound: Inspection) -> None:
    """As far as reading shows."""
    lines = lines_of(sound)

    assert lines[0] == "It can be graded: nothing was found against it."
    assert "file          models/mine.pkl" in lines
    assert "classes       3: blue, green, red" in lines


def test_what_happens_to_an_image_is_told_step_by_step(sound: Inspection) -> None:
    """A line for each, in order."""
    lines = lines_of(sound)
    first = lines.index("an image      read in colour")

    assert lines[first + 1 : first + 3] == [
        "              resize to 16 x 16, crop the excess",
        "              divide by 255",
    ]


def test_without_a_plan_the_transforms_are_named(sound: Inspection) -> None:
    """In the order in which they would run."""
    lines = lines_of(replace(sound, preprocessing=None))

    assert "an image      Resize, then ToTensor, then IntToFloatTensor" in lines


@pytest.mark.parametrize(
    ("findings", "first_line"),
    [
        ((REFUSAL,), "It can't be graded, for this reason:"),
        ((REFUSAL, REFUSAL), "It can't be graded, for these 2 reasons:"),
    ],
)
def test_the_first_line_counts_what_stands_against_it(
    sound: Inspection, findings: tuple[Finding, ...], first_line: str
) -> None:
    """And the reasons follow, with what to do."""
    lines = lines_of(replace(sound, findings=(*findings, WARNING, NOTE)))

    assert lines[0] == first_line
    assert lines[1:3] == ["refusal  it is odd (model)", "         what to do: fix it"]
    assert "warning  it is unusual" in lines


def test_notes_stand_at_the_end(sound: Inspection) -> None:
    """They are true of most honest exports."""
    assert lines_of(replace(sound, findings=(NOTE,)))[-1] == "Note: it is plain (pickle)."


def test_hostile_names_are_shown_as_plain_text(sound: Inspection) -> None:
    """Neither rich's markup nor a terminal's codes work."""
    text = "\n".join(lines_of(replace(sound, vocab=("[red]owl", "x\x1b[2K\n"), loss="[b]loss")))

    assert r"2: [red]owl, x\x1b[2K" in text
    assert "[b]loss" in text
    assert "\x1b" not in text


def test_a_long_word_is_broken_and_not_cut(sound: Inspection) -> None:
    """A path can be copied from the output."""
    lines = lines_of(replace(sound, path=Path("x" * 100)))

    assert sum(line.count("x") for line in lines[1:5]) >= 100


def test_json_holds_the_same_and_the_steps_as_values(sound: Inspection) -> None:
    """Findings are in it too."""
    document = json.loads(inspection_json(replace(sound, findings=(REFUSAL, NOTE))))

    assert document["refused"] is True
    assert [one["severity"] for one in document["findings"]] == ["refusal", "note"]
    assert document["preprocessing"]["mode"] == "RGB"
    steps = document["preprocessing"]["steps"]
    assert [one["step"] for one in steps] == ["ResizeImage", "ToFloat"]
    assert steps[0]["size"] == [16, 16]


def test_json_says_null_where_the_steps_are_unknown(sound: Inspection) -> None:
    """And nothing else is missing."""
    document = json.loads(inspection_json(replace(sound, preprocessing=None)))

    assert document["preprocessing"] is None
    assert document["refused"] is False


def test_a_path_that_is_no_utf_8_can_be_written(sound: Inspection) -> None:
    """Its odd byte is replaced."""
    document = json.loads(inspection_json(replace(sound, path=Path("m\udcff.pkl"))))

    assert document["path"] == "m\N{REPLACEMENT CHARACTER}.pkl"

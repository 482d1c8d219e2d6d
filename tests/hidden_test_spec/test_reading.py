"""A spec is read whole, and all faults of a file are reported at once."""

import os
from pathlib import Path

import pytest

from hidden_test_spec.errors import Fault, SpecError
from hidden_test_spec.reading import MAX_SPEC_BYTES, builtin_spec_names, read_spec

BIRDS = (
    "alimoche",
    "buitre leonado",
    "cacatúa",
    "cigüeña",
    "garza",
    "loro",
    "milano negro",
    "periquito",
)
HEAD = 'name = "small"\nversion = "1.0.0"\n'
CLASSES = """
[[classes]]
label = "robin"
queries = ["robin"]
[[classes]]
label = "wren"
queries = ["wren"]
"""
RUBRIC = '\n[rubric]\ncriteria = [{ rule = "accuracy >= 0.5", points = 1 }]\n'


def faults_of(tmp_path: Path, text: str | bytes) -> tuple[Fault, ...]:
    """The faults that a file with this text is refused for."""
    path = tmp_path / "spec.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SpecError, match=r"has [0-9]+ fault") as caught:
        read_spec(path)
    return caught.value.faults


def fault_of(tmp_path: Path, text: str | bytes) -> Fault:
    """The only fault that a file with this text is refused for."""
    (fault,) = faults_of(tmp_path, text)
    return fault


def test_the_built_in_specs_are_birds_and_digits() -> None:
    """Sorted by name."""
    assert builtin_spec_names() == ("birds", "digits")


def test_birds_has_the_eight_classes_of_the_document() -> None:
    """In the document's order."""
    spec = read_spec("birds")
    assert (spec.name, spec.labels) == ("birds", BIRDS)
    assert spec.rubric.points_possible == 10


def test_digits_has_ten_classes() -> None:
    """From zero to nine, and each answers to its figure."""
    spec = read_spec("digits")
    assert (spec.name, len(spec.labels)) == ("digits", 10)
    assert [spec.lookup()[str(digit)] for digit in range(10)] == list(spec.labels)


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    """What is left out has its default."""
    path = tmp_path / "spec.toml"
    path.write_text(HEAD + CLASSES + RUBRIC, "utf-8")
    spec = read_spec(path)
    assert (spec.labels, spec.limits.min_side_px) == (("robin", "wren"), 1)
    assert read_spec(str(path)) == spec


def test_every_fault_of_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    """Eight faults in one file, one for each of its parts."""
    text = """
name = "Not A Name"
colour = "red"
limits = { max_images = 0 }
classes = [
    { label = "a/b", queries = ["x"] },
    { label = "wren", queries = [] },
]
rubric.criteria = [{ rule = "be good", points = -1 }]
"""
    assert {fault.where for fault in faults_of(tmp_path, text)} == {
        "name",
        "version",
        "colour",
        "limits.max_images",
        "classes[0].label",
        "classes[1].queries",
        "rubric.criteria[0].rule",
        "rubric.criteria[0].points",
    }


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    """The place is the TOML itself."""
    fault = fault_of(tmp_path, 'name = "small"\nversion = \n')
    assert fault.where == "TOML"
    assert "line 2" in fault.problem


def test_a_file_in_another_encoding_is_told_so(tmp_path: Path) -> None:
    """An editor's Latin-1 is named by its first bad byte."""
    fault = fault_of(tmp_path, 'name = "cigüeña"'.encode("latin-1"))
    assert fault.where == "file"
    assert "is not UTF-8 text" in fault.problem
    assert "at byte 11" in fault.problem


def test_a_missing_file_is_told_the_built_in_names(tmp_path: Path) -> None:
    """Whoever misspells "birds" sees how it is spelt."""
    with pytest.raises(SpecError, match="pass a TOML file, or a built-in spec: birds, digits"):
        read_spec(tmp_path / "brids")


@pytest.mark.parametrize("source", ["", "null\0byte", "."])
def test_a_source_that_is_no_file_is_told_so(source: str) -> None:
    """The error is of the same kind for any path."""
    with pytest.raises(SpecError, match="can't be read"):
        read_spec(source)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """By where it belongs."""
    fault = fault_of(tmp_path, HEAD + CLASSES)
    assert fault == Fault(where="rubric", problem="is missing; add it")


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    """A misspelt key must not be ignored."""
    fault = fault_of(tmp_path, HEAD + CLASSES + 'aliass = ["x"]\n' + RUBRIC)
    assert fault.where == "classes[1].aliass"
    assert fault.problem.startswith("is not a key of a spec")


def test_the_name_of_an_unknown_key_is_escaped(tmp_path: Path) -> None:
    """A file can't colour the terminal that its faults are shown on."""
    fault = fault_of(tmp_path, '"\\u001b[31m" = 1\n' + HEAD + CLASSES + RUBRIC)
    assert fault.where == "\\x1b[31m"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("be good", "is not a rule; write METRIC >= NUMBER"),
        ("beauty >= 0.5", "uses the unknown metric 'beauty'"),
        ("recall >= 0.5", 'must end with "in every class"'),
        ("accuracy >= 0.5 in every class", "must end after the number"),
    ],
)
def test_a_bad_rule_is_told_in_words(tmp_path: Path, rule: str, problem: str) -> None:
    """Not as an expression that it fails to match."""
    fault = fault_of(tmp_path, HEAD + CLASSES + RUBRIC.replace("accuracy >= 0.5", rule))
    assert fault.where == "rubric.criteria[0].rule"
    assert fault.problem.startswith(problem)


def test_negative_points_are_refused(tmp_path: Path) -> None:
    """A criterion is worth more than nothing."""
    fault = fault_of(tmp_path, HEAD + CLASSES + RUBRIC.replace("points = 1", "points = -1"))
    assert fault.where == "rubric.criteria[0].points"


def test_pass_points_above_the_total_are_refused(tmp_path: Path) -> None:
    """The message has both numbers."""
    fault = fault_of(tmp_path, HEAD + CLASSES + RUBRIC + "pass_points = 2\n")
    assert fault.where == "rubric"
    assert fault.problem.startswith("pass_points is 2, but all criteria together are worth only 1")


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("a/b", "is a path"),
        ("a\\\\b", "is a path"),
        ("..", "is a path"),
        ("bell\\u0007", "holds control characters"),
        (".hidden", "starts with a dot"),
        (" padded", "starts with a dot, or starts or ends with a space"),
        ("", "is empty"),
    ],
)
def test_a_label_that_names_no_folder_is_refused(tmp_path: Path, label: str, problem: str) -> None:
    """It could be in no test folder, or would be outside of it."""
    text = HEAD + CLASSES.replace('label = "wren"', f'label = "{label}"') + RUBRIC
    fault = fault_of(tmp_path, text)
    assert fault.where == "classes[1].label"
    assert fault.problem.startswith(problem)


@pytest.mark.parametrize(
    ("first", "second"),
    [("caf\\u00e9", "cafe\\u0301"), ("Straße", "STRASSE"), ("wren", "Wren")],
)
def test_classes_that_collide_after_folding_are_refused(
    tmp_path: Path, first: str, second: str
) -> None:
    """Composed and decomposed letters, ß and SS, upper and lower case."""
    classes = CLASSES.replace('"robin"\nq', f'"{first}"\nq').replace('"wren"\nq', f'"{second}"\nq')
    fault = fault_of(tmp_path, HEAD + classes + RUBRIC)
    assert fault.where == "classes"
    assert "is already taken by class" in fault.problem


def test_collisions_are_told_together_with_other_faults(tmp_path: Path) -> None:
    """A collision isn't hidden until the rest is fixed."""
    text = HEAD + CLASSES.replace('"robin"\nq', '"WREN"\nq') + RUBRIC.replace("= 1 ", "= 0 ")
    wheres = [fault.where for fault in faults_of(tmp_path, text)]
    assert wheres == ["rubric.criteria[0].points", "classes"]


@pytest.mark.parametrize("classes", ["3", '["robin", "wren"]', "[{ label = 1 }]", "[[]]"])
def test_classes_of_another_kind_are_told_as_faults(tmp_path: Path, classes: str) -> None:
    """Reading ends in an error that says so, for any value there."""
    faults = faults_of(tmp_path, f"classes = {classes}\n" + HEAD + RUBRIC)
    assert all(fault.where.startswith("classes") for fault in faults)


def test_a_single_class_is_no_test(tmp_path: Path) -> None:
    """A classifier needs two classes."""
    one_class = CLASSES[: CLASSES.rindex("[[classes]]")]
    assert fault_of(tmp_path, HEAD + one_class + RUBRIC).where == "classes"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a = " + "[" * 5000, "nested too deep|TOML"),
        ("a = " + "{b = " * 5000, "nested too deep|TOML"),
        ("#" * (MAX_SPEC_BYTES + 1), f"more than {MAX_SPEC_BYTES}"),
    ],
    ids=["lists", "tables", "comments"],
)
def test_a_spec_that_would_wear_a_reader_out_is_a_fault(
    tmp_path: Path, content: str, problem: str
) -> None:
    """However deep or long it is, the error is that of a spec."""
    path = tmp_path / "spec.toml"
    path.write_text(content)
    with pytest.raises(SpecError, match=problem):
        read_spec(path)


def test_a_pipe_is_no_spec(tmp_path: Path) -> None:
    """Nobody waits for what is never written."""
    os.mkfifo(tmp_path / "spec.toml")
    with pytest.raises(SpecError, match="not a regular file"):
        read_spec(tmp_path / "spec.toml")

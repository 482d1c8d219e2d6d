import pytest

from grader.checking.class_names import compare_class_names
from grader.checking.results import CheckItem
from tests.factories import make_spec

SPEC = make_spec(labels=("robin", "wren", "cigüeña"), aliases={"wren": ("chochín", "Jenny wren")})
CYRILLIC_O = "\N{CYRILLIC SMALL LETTER O}"


def compared(*vocab: str) -> tuple[tuple[CheckItem, ...], list[tuple[str, str]]]:
    """The items, and of each its status and what it says."""
    items = compare_class_names(vocab, SPEC)
    assert {item.name for item in items} <= {"classes"}
    return items, [(item.status, item.said) for item in items]


@pytest.mark.parametrize(
    "vocab",
    [
        ("robin", "wren", "cigüeña"),
        ("cigüeña", "WREN", "Robin"),
        ("robin", "wren", "cigu\N{COMBINING DIAERESIS}en\N{COMBINING TILDE}a"),
    ],
)
def test_names_are_compared_in_any_order_case_and_composition(vocab: tuple[str, ...]) -> None:
    """One line says that all are there."""
    _, found = compared(*vocab)

    assert found == [("ok", "all 3 classes of the spec are there")]


def test_an_alias_is_understood_and_told() -> None:
    """So that a student sees what became of the name."""
    _, found = compared("robin", "chochín", "cigüeña")

    assert found == [("ok", 'all 3 classes of the spec are there; "chochín" means "wren"')]


def test_missing_classes_are_named_together() -> None:
    """A test that has photos of them couldn't be graded."""
    items, found = compared("robin")

    assert found == [("fault", 'the model lacks classes of the spec: "cigüeña", "wren"')]
    assert items[0].advice.startswith("train it on every class")


def test_a_misspelt_name_is_matched_with_the_class_that_lacks_one() -> None:
    """It is reported once, and not also as an unknown class."""
    _, found = compared("robin", "wren", "ciguena")

    assert found == [
        (
            "fault",
            'the model lacks classes of the spec: "cigüeña"; "ciguena" may be meant for "cigüeña"',
        )
    ]


def test_a_class_too_many_is_a_warning() -> None:
    """It can be graded; predictions of that class are wrong."""
    _, found = compared("robin", "wren", "cigüeña", "background")

    assert [status for status, _ in found] == ["ok", "warning"]
    assert found[1][1] == 'the spec has no classes with these names: "background"'


@pytest.mark.parametrize("other", ["Robin", "robin"])
def test_two_names_of_one_class_are_told_with_their_class(other: str) -> None:
    """Their probabilities are summed, which may not be intended."""
    items, found = compared("robin", other, "wren", "cigüeña")

    assert found[1] == ("warning", f'2 of its classes stand for "robin": "{other}", "robin"')
    assert "summed" in items[1].advice


def test_two_aliases_of_one_class_are_told_too() -> None:
    """Though they are spelt differently."""
    _, found = compared("robin", "chochín", "jenny wren", "cigüeña")

    assert ("warning", '2 of its classes stand for "wren": "chochín", "jenny wren"') in found


def test_unknown_names_that_are_equal_are_told_as_one_class() -> None:
    """The composed and the decomposed form of a name, for instance."""
    _, found = compared("robin", "wren", "cigüeña", "bird", "BIRD")

    assert found[-1] == ("warning", '2 of its classes stand for "bird": "BIRD", "bird"')


def test_a_look_alike_is_told_with_the_odd_letter() -> None:
    """And its class isn't also reported as missing."""
    name = f"r{CYRILLIC_O}bin"
    _, found = compared(name, "wren", "cigüeña")

    assert [status for status, _ in found] == ["fault"]
    assert found[0][1].startswith(f'"{name}" only looks like a name of the class "robin"')
    assert found[0][1].endswith("it has U+043E CYRILLIC SMALL LETTER O")


def test_control_characters_are_escaped() -> None:
    """A name can't forge the lines of a report."""
    _, found = compared("robin", "wren", "cigüeña", "x\x1b[2Kok")

    assert r"x\x1b[2Kok" in found[1][1]


def test_everything_is_told_at_once() -> None:
    """Nobody should have to fix one name per run."""
    _, found = compared(f"r{CYRILLIC_O}bin", "wrenn", "bird", "Bird")

    assert [status for status, _ in found] == ["fault", "fault", "warning", "warning"]


def test_a_huge_vocab_is_compared_in_no_time() -> None:
    """Guessing at misspelt names is bounded."""
    _, found = compared(*(f"class {number} {'x' * 400}" for number in range(20_000)))

    assert found[0][0] == "fault"
    assert "and 19990 more" in found[1][1]

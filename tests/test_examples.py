"""The examples in docstrings say what really happens."""

import doctest
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("grader", "hidden_test_spec", "pipeline")
PROMPT = ">>> "


def examples() -> Iterator[doctest.DocTest]:
    """Every docstring of the packages with an example; modules without one are not imported."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if PROMPT in path.read_text("utf-8"):
                name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
                module = import_module(name.removesuffix(".__init__"))
                yield from (test for test in doctest.DocTestFinder().find(module) if test.examples)


EXAMPLES = tuple(examples())


def run(example: doctest.DocTest) -> tuple[int, str]:
    """How many lines of an example didn't give what it shows, and what doctest says about them."""
    said: list[str] = []
    failed, _ = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    return failed, "".join(said)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_gives_what_it_shows(example: doctest.DocTest) -> None:
    """A reader who types in a docstring's example gets the same."""
    assert run(example) == (0, "")


def test_a_wrong_example_is_noticed() -> None:
    """The test above can fail."""
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    failed, said = run(wrong)
    assert failed == 1
    assert "Expected:\n    3\nGot:\n    2\n" in said


def test_examples_are_found() -> None:
    """Every prompt in the source belongs to a docstring that is run."""
    n_shown = sum(
        path.read_text("utf-8").count(PROMPT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    )
    assert sum(len(example.examples) for example in EXAMPLES) == n_shown > 0

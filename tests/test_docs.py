"""What the README and the docs show is true: commands, options, files and the schema."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import grader.cli.app
import pipeline.cli.app
from hidden_test_spec.__main__ import json_schema

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/ci.md",
    "docs/cleaning.md",
    "docs/scraping.md",
)
FOLDERS = "acceptance|benchmarks|docs|examples|grader|hidden_test_spec|pipeline|tests"
APPS = {"grader": grader.cli.app.app, "pipeline": pipeline.cli.app.app}
SESSIONS = {
    name or function
    for name, function in re.findall(
        r"^@(?:session_here|nox\.session)(?:\((?:.*name=\"([\w-]+)\")?.*\))?\ndef (\w+)",
        (ROOT / "noxfile.py").read_text(),
        re.MULTILINE,
    )
}


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every line of a code block that begins with a program of the project or with nox."""
    for page in PAGES:
        text = re.sub(r"\\\n\s*", "", (ROOT / page).read_text("utf-8"))
        for command in re.findall(
            r"^ {4}(?:.* && )?((?:grader|pipeline|python -m nox) .*)$", text, re.MULTILINE
        ):
            yield page, shlex.split(command, comments=True)


COMMANDS = [
    pytest.param(words, id=f"{page}: {' '.join(words)}") for page, words in shown_commands()
]


def test_the_readme_shows_the_two_commands_of_a_fresh_machine() -> None:
    """The demo and the tests are what a newcomer runs first."""
    readme = (ROOT / "README.md").read_text("utf-8")

    assert "python -m pip install nox && python -m nox -s demo\n" in readme
    assert "python -m nox -s tests\n" in readme


@pytest.mark.parametrize("words", COMMANDS)
def test_a_shown_command_exists_with_all_its_options(words: list[str]) -> None:
    """Sessions, subcommands and options are the code's."""
    if words[0] == "python":
        chosen = words[words.index("-s") + 1] if "-s" in words else "tests"
        assert chosen in SESSIONS
        is_grade = chosen == "grade" and "--" in words
        words = ["grader", "evaluate", *words[words.index("--") + 1 :]] if is_grade else []
    if words:
        command = typer.main.get_command(APPS[words[0]])
        for word in words[1:]:
            if hasattr(command, "commands") and not word.startswith("-"):
                command = command.commands[word]
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= {*known, "--help"}


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda page: page.name
)
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    """A link leads from the page to a file, and a path in backticks from the root to one."""
    text = page.read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    paths = re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", text)
    named = [*(page.parent / link for link in links), *(ROOT / path for path in paths)]
    assert [str(path) for path in named if not path.exists()] == []


def test_the_shipped_schema_is_current() -> None:
    """Fix it with: python -m hidden_test_spec > hidden_test_spec/schema.json."""
    shipped = json.loads((ROOT / "hidden_test_spec" / "schema.json").read_text("utf-8"))

    assert shipped == json_schema()

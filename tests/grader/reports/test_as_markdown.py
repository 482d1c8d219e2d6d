"""The report renders as Markdown, and names in it stay text."""

from dataclasses import replace
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.reports.as_markdown import escape_markdown, report_markdown
from grader.results.editions import edition
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH, language_of
from tests.factories import make_report, make_rubric

GRADED = make_report(
    targets=(0,) * 6 + (1,) * 5,
    candidate=(0,) * 5 + (1,) * 6,
    baseline=(0,) * 6 + (1,) * 4 + (0,),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class"),
    notices=(Notice(code="rotated_images", n=1, of=11, images=("robin/0.png",)),),
)


def tokens_of(text: str) -> list[Token]:
    """What a reader of GitHub's tables makes of it, HTML included."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def tables_of(text: str) -> list[list[list[str]]]:
    """The cells of each table, row by row, as a reader sees them."""
    tables: list[list[list[str]]] = []
    cell = {"th_open", "td_open"}
    for before, token in pairwise(tokens_of(text)):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and before.type in cell:
            tables[-1][-1].append(seen(token))
    return tables


def seen(token: Token) -> str:
    """The text of a line, without the spaces that have no width."""
    return "".join(child.content for child in token.children or ()).replace("\u200b", "")


def inline_types(text: str) -> set[str]:
    """Kinds of what stands in lines: text, links, HTML ..."""
    return {child.type for token in tokens_of(text) for child in token.children or ()}


def test_the_verdict_comes_first() -> None:
    """With the points, and how many images are right."""
    first = report_markdown(GRADED, ENGLISH).splitlines()[0]
    assert first.startswith("**BELOW THE RUBRIC: 1 of 2 points.** 10 of 11 images right: 90.9 %")


def test_without_a_spec_the_finding_comes_first() -> None:
    """Nothing is said of a rubric."""
    text = report_markdown(make_report(), ENGLISH)
    assert text.startswith("**3 of 4 images right: 75.0 %, ")
    assert "Rubric" not in text


def test_tables_draw_as_tables() -> None:
    """Models, rubric, classes twice, matrices, pairs, comparison, classes twice, flips, bins."""
    tables = tables_of(report_markdown(GRADED, ENGLISH))
    assert len(tables) == 14
    assert tables[0][0] == ["", "candidate", "baseline"]
    assert tables[1][1][:3] == ["accuracy >= 0.5", "met", "1 / 1"]
    assert tables[2][1][:3] == ["robin", "6", "83.3 %"]
    assert tables[4] == [["", "1", "2"], ["1 robin", "5", "1"], ["2 wren", ".", "5"]]
    assert all(len(row) == len(table[0]) for table in tables for row in table)


def test_the_honest_sentences_are_there() -> None:
    """On the whole, on each class, on what is odd, and on what it ran on."""
    text = report_markdown(GRADED, ENGLISH)
    assert "can't tell which of the two models is better" in text
    assert "Not enough images to tell: improvements 1, regressions 0." in text
    assert "- Images whose EXIF orientation asks for a rotation: 1 of 11." in text
    assert "Ran on cpu in float32 with torch" in text


def test_a_students_edition_says_so_and_names_no_image() -> None:
    """Which the instructor's does."""
    student = report_markdown(edition(GRADED, "student"), ENGLISH)
    assert "This is the student's edition." in student
    assert ".png" not in student
    assert "robin/5.png" in report_markdown(GRADED, ENGLISH)


def test_it_speaks_spanish() -> None:
    """Also the heads of its tables."""
    text = report_markdown(GRADED, language_of("es"))
    assert text.startswith("**POR DEBAJO DE LA RÚBRICA: 1 de 2 puntos.** ")
    assert "| clase | imágenes | exhaustividad |" in text


HOSTILE = (
    "a|b",
    "<script>alert(1)</script>",
    "<!-- x",
    "&lt;b&gt;",
    "`code` ``x",
    "**bold** _it_ ~~no~~",
    "[link](https://example.org)",
    "![pic](x.png)",
    "https://example.org",
    "www.example.org",
    "me@example.org",
    "@octocat",
    "#123",
    "owner/repo#123",
    "GH-123",
    ":bird:",
    "$x^2$",
    "\\|",
    "\\",
    "# head",
    "- item",
    "1. item",
    "> quote",
    "---",
    "| --- |",
    "    code",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    """In tables, in sentences and in lists: neither HTML, nor links, nor emphasis of its own."""
    torn = ImageRecord(name=f"{name}/x.png", label=name, sha256="f" * 64, unreadable=name)
    report = make_report(
        labels=(name, "wren"),
        baseline=(1, 0, 0, 0),
        candidate=(1, 0, 1, 0),
        unreadable=(torn,),
        notices=(Notice(code="classes_without_images", n=1, labels=(name,)),),
    )
    text = report_markdown(report, ENGLISH)
    assert inline_types(text) <= {"text", "text_special", "strong_open", "strong_close"}
    kinds = {token.type for token in tokens_of(text)}
    assert not kinds & {"html_block", "fence", "code_block", "hr", "blockquote_open", "h1"}
    classes = [row[0] for row in tables_of(text)[1][1:]]
    assert classes == [name.strip(), "wren"]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("@octocat", "@o"),
        ("#123", "#1"),
        ("GH-123", "GH-1"),
        ("https://x", "://"),
        ("www.x.org", "www.x"),
        (":bird:", ":bird:"),
    ],
)
def test_what_github_would_make_a_link_is_parted(text: str, joined: str) -> None:
    """By a space without width, since GitHub looks for them after Markdown is drawn."""
    (inline,) = (token for token in tokens_of(escape_markdown(text)) if token.type == "inline")
    drawn = "".join(child.content for child in inline.children or ())
    assert joined in text
    assert joined not in drawn
    assert drawn.replace("\u200b", "") == text


@pytest.mark.parametrize(("n_classes", "is_drawn"), [(12, True), (13, False)])
def test_a_matrix_of_many_classes_is_left_to_the_files(n_classes: int, *, is_drawn: bool) -> None:
    """Twelve columns fit a summary, and it says so when there are more."""
    labels = tuple(f"bird {number}" for number in range(n_classes))
    text = report_markdown(make_report(labels=labels), ENGLISH)
    assert ("| 1 bird 0 |" in text) is is_drawn
    assert (f"{n_classes} classes are too many to show here" in text) is not is_drawn


def test_a_text_of_a_notice_stays_on_its_line() -> None:
    """Even where a model's name holds line ends."""
    notice = Notice(code="ties", n=1, of=4, model="two\nlines.pkl")
    text = report_markdown(replace(GRADED, notices=(notice,)), ENGLISH)
    assert 'images "two\\\\nlines.pkl" gives' in text


def test_every_report_ends_in_one_line_end() -> None:
    """And is the same every time."""

    def drawn(report: GradeReport) -> str:
        return report_markdown(report, ENGLISH)

    assert drawn(GRADED) == drawn(GRADED)
    assert drawn(GRADED).endswith(".\n")

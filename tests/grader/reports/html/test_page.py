"""What the page holds, and what it doesn't."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.reports.html.page import report_html
from grader.reports.html.thumbnails import Budget
from grader.results.editions import edition
from grader.results.models import TrainingRecord
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH, language_of
from tests.factories import draw_image, make_report, make_rubric
from tests.grader.reports.drawn import drawn
from tests.grader.reports.pages import Page

TORN = ImageRecord(
    name="robin/torn.png", label="robin", sha256="0" * 64, unreadable="it is cut short"
)
REPORT = make_report(
    targets=(0, 0, 1, 1),
    candidate=(0, 1, 1, 1),
    baseline=(0, 0, 0, 1),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class"),
    unreadable=(TORN,),
    notices=(Notice(code="small_images", n=3, of=32),),
)
STUDENT = edition(
    make_report(targets=(0,) * 6 + (1,), candidate=(0,) * 5 + (1, 1), baseline=(0,) * 6 + (1,)),
    "student",
)


def english(report: GradeReport, photos: Path | None = None, budget: Budget | None = None) -> str:
    """The page in English."""
    return report_html(report, language=ENGLISH, photos=photos, budget=budget or Budget())


def seen(text: str) -> str:
    """What can be read on it, with single spaces."""
    return " ".join(" ".join(Page(text).texts).split())


def read_of(fragment: str) -> str:
    """What can be read in a piece of a page, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", fragment)).split())


def part_of(text: str, name: str) -> str:
    """What can be read in one of the parts that fold."""
    begin = text.index(f'<details class="part" id="{name}"')
    end = text.find('<details class="part"', begin + 1)
    return read_of(text[begin : end if end > 0 else text.index("</main>")])


def test_the_verdict_comes_first_and_the_rest_folds() -> None:
    """In points and words; what is read less often is folded."""
    text = english(REPORT)
    assert text.index('<section id="verdict"') < text.index('<details class="part"')
    parts = re.findall(r'<details class="part" id="(\w+)"( open)?', text)
    assert parts == [
        ("galleries", " open"), ("matrices", " open"), ("classes", " open"), ("calibration", ""),
        ("numbers", ""), ("method", ""), ("provenance", ""),
    ]  # fmt: skip
    first = read_of(text[text.index("<header") : text.index('<details class="part"')])
    assert "Below the rubric 1 of 2 points" in first
    assert "Accuracy: at least 50.0 % (found: 75.0 %) 1 / 1" in first.replace(
        "accuracy:", "Accuracy:"
    )
    assert "75.0 % 30.1 to 95.4 %" in first
    assert "5 images can't tell which is better" in first
    assert "Recall 50.0 % (9.5 to 90.5 %)" in first
    assert "1 image can't be read." in first


def test_the_numbers_say_what_the_images_show() -> None:
    """Whole sentences about both models, and the reason for each criterion."""
    numbers = part_of(english(REPORT), "numbers")
    assert "3 of 4 images right" in numbers
    assert "can't tell which of the two models is better" in numbers
    assert 'in the worst class, "robin"' in numbers


def test_notices_that_don_t_touch_the_grade_are_left_to_the_method() -> None:
    """Small images are; copies are on the first screen."""
    report = replace(REPORT, notices=(*REPORT.notices, Notice(code="copies", n=1, of=5)))
    text = english(report)
    small, copies = "Images with a side below 32 px: 3.", "show the same photo as another: 1 of 5."
    assert small in part_of(text, "method")
    assert copies not in part_of(text, "method")
    assert copies in read_of(text[: text.index('<details class="part"')])


def test_without_spec_and_baseline_nothing_is_said_of_them() -> None:
    """No rubric, no second column, no galleries of changes."""
    text = seen(english(make_report()))
    assert "3 of 4 images right" in text
    assert "Rubric" not in text
    assert "baseline" not in text.lower().replace("confusion matrix of the candidate", "")


def test_a_gallery_says_what_it_leaves_out() -> None:
    """The first sixty of sixty-three."""
    report = make_report(targets=(0,) * 63, candidate=(1,) * 63, baseline=(0,) * 63)
    text = seen(english(report))
    assert "Regressions (63)" in text
    assert "The first 60 of 63." in text
    assert "The first 24 of 63." in text
    assert "The first 60 of" not in seen(english(REPORT))


def test_unreadable_files_are_shown_with_their_reasons() -> None:
    """The first sixty of them."""
    torn = tuple(replace(TORN, name=f"robin/torn{number}.png") for number in range(62))
    text = seen(english(make_report(unreadable=torn)))
    assert "it is cut short" in text
    assert "robin/torn59.png" in text
    assert "robin/torn60.png" not in text
    assert "The first 60 of 62." in text


def test_each_photo_is_in_the_page_once(tmp_path: Path) -> None:
    """Though its image is in several galleries."""
    text = english(drawn(REPORT, tmp_path), tmp_path)
    uris = re.findall(r"data:image/webp;base64,[^\"]+", text)
    assert len(uris) == len(set(uris)) == 4
    assert text.count('data-photo="1"') > 3
    assert "4 of 4 images have a thumbnail here." in seen(text)


def test_photos_that_are_left_out_are_counted_with_the_reason(tmp_path: Path) -> None:
    """Another file, none, and those beyond the budget."""
    report = drawn(REPORT, tmp_path)
    draw_image(tmp_path / "robin/1.png", seed=99)
    (tmp_path / "wren/2.png").unlink()
    text = seen(english(report, tmp_path, Budget(n_photos=1)))
    assert "1 of 4 images have a thumbnail here." in text
    assert "not the file that was graded: 1." in text
    assert "no such file in the folder: 1." in text
    assert "left out, to keep the page small: 1." in text


def test_equal_reports_and_photos_give_equal_pages(tmp_path: Path) -> None:
    """Byte for byte."""
    report = drawn(REPORT, tmp_path)
    assert english(report, tmp_path) == english(report, tmp_path)


def test_only_the_style_and_script_of_the_page_are_let_in() -> None:
    """By their hashes; nothing may be loaded except pictures in the page itself."""
    text = english(REPORT)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    page = Page(text)
    style, _, script = page.scripts
    for name, part in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert not {one for one in page.elements if one.split(" ")[-1] in {"style", "onclick"}} - {
        "style"
    }


def test_the_page_names_no_address() -> None:
    """There is nothing that a browser could request."""
    assert re.findall(r"(?<![\w+/])(?:https?:)?//\w+", english(REPORT)) == []


def test_a_student_edition_holds_nothing_of_single_images(tmp_path: Path) -> None:
    """Neither photos nor names, nor the data of the script, whichever folder is given."""
    text = english(STUDENT, tmp_path)
    assert ".png" not in text
    assert "photo-data" not in text.replace('$("photo-data")', "")
    assert "data:image" not in text
    assert "This is the student's edition." in seen(text)
    assert "withheld" in seen(text)


@pytest.mark.parametrize("report", [REPORT, STUDENT, make_report()])
def test_the_page_speaks_spanish(report: GradeReport) -> None:
    """And says so to a screen reader."""
    text = report_html(report, language=language_of("es"), photos=None)
    assert '<html lang="es">' in text
    found = seen(text)
    assert "Veredicto" in found
    for word in ("Verdict ", "Classes", "Confusion", "images", "interval ", "the candidate"):
        assert word not in found, word


def test_where_a_model_comes_from_is_told() -> None:
    """What it does to an image, and what the record beside it says."""
    record = TrainingRecord(
        stage="fine_tuned",
        weights="imagenet",
        seed=5,
        image_size_px=224,
        n_images=(("train", 800), ("val", 200)),
    )
    provenance = replace(REPORT.model.provenance, record=record)
    text = seen(english(replace(REPORT, model=replace(REPORT.model, provenance=provenance))))
    assert "resize to 224 x 224, crop the excess" in text
    assert "stage fine_tuned, weights from imagenet, seed 5, images of 224 px" in text
    assert ", train: 800, val: 200. Whoever trained the model wrote this" in text
    assert "11,178,051" in text


def test_an_undefined_number_says_why() -> None:
    """On hovering, and to a screen reader; it sorts last."""
    report = make_report(targets=(0, 0), candidate=(0, 0))
    text = english(report)
    assert '<td data-value=""><abbr title="no images of this class">–</abbr></td>' in text  # noqa: RUF001 - the dash of tables


def test_every_image_of_the_plot_has_its_numbers_in_a_table() -> None:
    """The table has every bin with images."""
    report = make_report(targets=(0, 0, 1, 1), candidate=(0, 1, 1, 1))
    text = english(report)
    part = text[text.index('id="calibration"') : text.index('id="numbers"')]
    assert part.count("<circle") == 1
    assert "70 to 80 % 4 75.0 % 75.0 % 30 to 95 %" in part_of(text, "calibration")

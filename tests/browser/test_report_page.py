"""The report's page as a reader meets it, in a real Chromium."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from grader.reports.html.page import report_html
from grader.results.editions import edition
from grader.results.explanations import ExplainedAnswer, Explanation, HeatMap, Region
from grader.results.presentation import LanguageCode
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.words.language import ENGLISH, language_of
from tests.browser.pages import Pages
from tests.factories import make_report, make_rubric
from tests.grader.reports.drawn import drawn, linked

LABELS = ("cigüeña", "loro", "garza", "نورس")
TORN = ImageRecord(
    name="loro/torn.png", label="loro", sha256="0" * 64, unreadable="it is cut short"
)
REPORT = make_report(
    labels=LABELS,
    targets=(0, 0, 0, 0, 1, 1, 1, 2, 2),
    candidate=(0, 0, 0, 1, 1, 1, 0, 2, 1),
    baseline=(0, 0, 1, 0, 1, 1, 1, 1, 1),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class"),
    unreadable=(TORN,),
    notices=(Notice(code="classes_without_images", labels=("نورس",)),),
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the photos of `full`."""
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def full(photos: Path) -> GradeReport:
    """Four classes, one of them without images, two models, a rubric, a torn file."""
    return drawn(REPORT, photos)


def page_of(report: GradeReport, photos: Path | None, code: LanguageCode = "en") -> str:
    """The page."""
    return report_html(report, language=language_of(code), photos=photos)


def press_cell(pages: Pages, cell: str, model: str = "candidate") -> None:
    """Click a cell and wait for its photos."""
    pages.find(f'table[data-model="{model}"] [data-cell="{cell}"]').click()
    pages.wait(lambda: pages.find("#photos").is_displayed())


@pytest.mark.parametrize("code", ["en", "es"])
@pytest.mark.parametrize(("dark", "width_px"), [(False, 1280), (True, 1280), (True, 390)])
def test_no_rule_of_accessibility_is_broken(
    pages: Pages,
    full: GradeReport,
    photos: Path,
    tmp_path: Path,
    *,
    dark: bool,
    width_px: int,
    code: LanguageCode,
) -> None:
    """At levels A and AA, light and dark, wide and narrow, with the photos of a cell open."""
    pages.look(dark=dark, width_px=width_px)
    pages.show(page_of(full, photos, code), tmp_path)
    press_cell(pages, "0,1")
    assert pages.violations() == []


def test_the_student_edition_breaks_no_rule_either(
    pages: Pages, full: GradeReport, tmp_path: Path
) -> None:
    """It has no photos, and cells that can't be pressed."""
    pages.show(page_of(edition(full, "student"), None), tmp_path)
    assert pages.violations() == []
    assert pages.find_all("[data-cell], img, #galleries") == []
    assert pages.find_all(".matrix td.withheld") != []


def test_the_page_asks_nobody_and_complains_of_nothing(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """No request except for itself, and an empty console, also after a click."""
    path = pages.show(page_of(full, photos), tmp_path)
    press_cell(pages, "0,0")
    assert pages.requests(path) == []
    assert pages.complaints() == []


def test_a_cell_shows_its_images_and_no_others(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """With their photos, and what both models said."""
    pages.show(page_of(full, photos), tmp_path)
    press_cell(pages, "0,1")
    assert pages.texts("#photos-cards [data-name]") == ["cigüeña/3.png"]
    assert pages.texts("#photos-cards [data-true]") == ["cigüeña"]
    assert pages.texts("#photos-cards dd") == ["✗ loro 75.0 %", "✓ cigüeña 75.0 %"]
    assert pages.find("#photos-head").text == (
        "Confusion matrix of the candidate: true cigüeña, predicted loro: 1 image, 25.0 % of the "
        "class"
    )
    widths = "return [...document.querySelectorAll('#photos-cards img')].map(i => i.naturalWidth)"
    pages.wait(lambda: pages.run(widths) == [8])


def test_a_cell_of_the_baseline_shows_what_the_baseline_said(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """The images that it took for parrots, and not the candidate's."""
    pages.show(page_of(full, photos), tmp_path)
    press_cell(pages, "0,1", model="baseline")
    assert pages.texts("#photos-cards [data-name]") == ["cigüeña/2.png"]


def test_the_keyboard_goes_through_cells_and_back(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """Arrows skip empty cells, Enter opens, closing returns to the cell."""
    pages.show(page_of(full, photos), tmp_path)
    first = pages.find('table[data-model="candidate"] [data-cell="0,0"]')
    first.send_keys(Keys.ARROW_RIGHT)
    pages.browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    pages.browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    assert pages.browser.switch_to.active_element.get_attribute("data-cell") == "2,1"
    assert pages.find_all('table[data-model="candidate"] button:not([tabindex="-1"])') == [
        pages.browser.switch_to.active_element
    ]
    pages.browser.switch_to.active_element.send_keys(Keys.ENTER)
    pages.wait(lambda: pages.browser.switch_to.active_element.get_attribute("id") == "photos-head")
    assert pages.texts("#photos-cards [data-name]") == ["garza/8.png"]
    pages.find("#photos-close").send_keys(Keys.ENTER)
    assert pages.browser.switch_to.active_element.get_attribute("data-cell") == "2,1"
    assert not pages.find("#photos").is_displayed()


def test_a_head_sorts_its_table_both_ways(pages: Pages, full: GradeReport, tmp_path: Path) -> None:
    """Undefined values stay last, and the heading says which way it is sorted."""
    pages.show(page_of(full, None), tmp_path)
    recall = pages.find("#class-plot th:nth-child(3) button")
    recall.click()
    names = "#class-plot tbody th"
    assert pages.texts(names) == ["garza", "loro", "cigüeña", "نورس"]
    assert pages.find("#class-plot th:nth-child(3)").get_attribute("aria-sort") == "ascending"
    recall.click()
    assert pages.texts(names) == ["cigüeña", "loro", "garza", "نورس"]
    assert pages.find("#class-plot th:nth-child(3)").get_attribute("aria-sort") == "descending"
    pages.find("#class-plot th:first-child button").click()
    assert pages.texts(names) == ["cigüeña", "garza", "loro", "نورس"]
    assert len(pages.find_all("#class-plot [aria-sort]")) == 1


def test_cells_show_counts_or_shares(pages: Pages, full: GradeReport, tmp_path: Path) -> None:
    """As the reader chooses."""
    pages.show(page_of(full, None), tmp_path)
    cell = pages.find('[data-cell="0,0"]')
    assert cell.text == "3"
    pages.find("label:has(#show-percent)").click()
    assert cell.text == "75 %"


def test_paper_shows_counts_and_shares_in_black_on_white(
    pages: Pages, full: GradeReport, tmp_path: Path
) -> None:
    """Whatever scheme the screen had, and without what only a screen can do."""
    pages.look(dark=True, width_px=800, media="print")
    pages.show(page_of(full, None), tmp_path)
    colours = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    assert pages.run(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert pages.find('[data-cell="0,0"] .count').is_displayed()
    assert pages.find('[data-cell="0,0"] .percent').is_displayed()
    assert not pages.find("nav").is_displayed()


HOSTILE = (
    "<img src=x onerror=window.ran=1>",
    "</script><script>window.ran=1</script>",
    '"onmouseover="window.ran=1',
    "{{ 7 * 7 }}\u2028${window.ran=1}\u202e\n\x00",
)
# A browser draws the line separator as a space.
SHOWN = (*HOSTILE[:3], "{{ 7 * 7 }} ${window.ran=1}\\u202e\\n\\x00")


def test_hostile_names_are_only_text(pages: Pages, tmp_path: Path) -> None:
    """Nothing runs and no element is added, at first or after a click and a sort."""
    report = make_report(
        labels=HOSTILE,
        targets=(0, 1, 2, 3),
        candidate=(1, 2, 3, 0),
        baseline=(0, 1, 2, 3),
        unreadable=(replace(TORN, name=HOSTILE[0], label=HOSTILE[1], unreadable=HOSTILE[2]),),
        notices=(Notice(code="ties", model=HOSTILE[0], labels=HOSTILE),),
    )
    pages.show(page_of(report, None), tmp_path)
    assert sorted(pages.texts("#class-plot tbody th")) == sorted(SHOWN)
    n_scripts = len(pages.find_all("script"))
    for number in range(4):
        press_cell(pages, f"{number},{(number + 1) % 4}")
        assert pages.texts("#photos-cards [data-true]") == [SHOWN[number]]
        assert SHOWN[number] in pages.find("#photos-head").text
    pages.find("#class-plot th:first-child button").click()
    assert pages.run("return window.ran ?? null") is None
    assert len(pages.find_all("script")) == n_scripts == 2
    assert pages.find_all("[src=x], [onmouseover], [onerror]") == []
    assert pages.complaints() == []


def test_two_hundred_classes_scroll_in_their_own_box(pages: Pages, tmp_path: Path) -> None:
    """The page itself stays as wide as a telephone, with names as long as they like."""
    labels = tuple(f"class number {number} {'long' * 20}" for number in range(200))
    targets = np.arange(200)
    report = make_report(
        labels=labels,
        targets=targets.tolist(),
        candidate=np.roll(targets, 1).tolist(),
        baseline=targets.tolist(),
    )
    pages.look(dark=False, width_px=390)
    pages.show(page_of(report, None), tmp_path)
    width = pages.run("return document.documentElement.scrollWidth")
    assert width <= 390
    assert pages.run("return document.querySelector('.matrix').offsetWidth") > width


def test_ten_thousand_images_make_a_page_that_is_usable_at_once(
    pages: Pages, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It has less than 15 MB; from opening it to the photos of a cell it takes less than 2 s."""
    photos = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(5)
    targets = rng.integers(0, 8, 10_000)
    says = [
        np.where(rng.random(10_000) < 0.8, targets, rng.integers(0, 8, 10_000)) for _ in range(2)
    ]
    report = linked(
        make_report(
            labels=tuple(f"bird {number}" for number in range(8)),
            targets=targets.tolist(),
            candidate=says[0].tolist(),
            baseline=says[1].tolist(),
        ),
        photos,
    )
    text = page_of(report, photos)
    assert len(text.encode()) < 15_000_000
    start = time.perf_counter()
    pages.show(text, tmp_path)
    press_cell(pages, "0,1")
    width = "return document.querySelector('#photos-cards img').naturalWidth"
    pages.wait(lambda: pages.run(width) == 112)
    assert time.perf_counter() - start < 2
    assert text.count("data:image/webp") > 500
    assert pages.complaints() == []


def test_the_page_stays_whole_without_its_script(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """Only the photos are missing, and it says so."""
    text = page_of(full, photos)
    pages.allow_scripts(allowed=False)
    try:
        pages.show(text, tmp_path)
        body = pages.find("body").text
    finally:
        pages.allow_scripts(allowed=True)
    assert "Without JavaScript the photos don't show" in body
    assert "cigüeña/3.png" in body
    assert ENGLISH.gettext("Calibration") in body


def test_a_photo_opens_large_and_the_arrow_keys_go_on(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """Through the photos beside it, round and round; Escape leads back to it."""
    pages.show(page_of(full, photos), tmp_path)
    pages.find("label:has(#show-improvements)").click()
    first = pages.find("#gallery-improvements [data-open]")
    first.click()
    assert pages.find("#viewer").is_displayed()
    assert pages.find("#viewer-place").text == "1 of 2"
    names = [pages.find("#viewer-name").text]
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT):
        pages.browser.switch_to.active_element.send_keys(key)
        names.append(pages.find("#viewer-name").text)
    assert names == ["cigüeña/2.png", "garza/7.png", "cigüeña/2.png", "garza/7.png"]
    pages.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not pages.find("#viewer").is_displayed()
    assert pages.browser.switch_to.active_element == first


def test_a_large_photo_shows_what_both_models_thought_of_it(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """Bars as long as the probabilities, the true class marked."""
    pages.show(page_of(full, photos), tmp_path)
    pages.find("#gallery-regressions [data-open]").click()
    assert pages.find("#viewer-bars tr.true th").text == "cigüeña"
    bars = pages.texts("#viewer-bars tr.true td")
    assert bars == ["8.3 %", "75.0 %"]
    widths = "return [...document.querySelectorAll('#viewer-bars tr.true .meter span')]"
    assert pages.run(widths + ".map(e => e.style.width)") == ["8.3%", "75%"]
    pages.wait(lambda: pages.run("return document.querySelector('#viewer-photo').naturalWidth"))


def test_the_first_screen_answers_the_first_questions(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """Everything down to the notices is visible at 1280 x 900 without scrolling."""
    pages.show(page_of(full, photos), tmp_path)
    bottom = "return document.querySelector('#verdict').getBoundingClientRect().bottom"
    assert pages.run(bottom) <= 900
    assert len(pages.find_all("#verdict .tile")) == 7


def test_a_link_opens_a_folded_part(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """So that nobody lands on a closed heading."""
    pages.show(page_of(full, photos), tmp_path)
    assert not pages.find("#provenance .facts").is_displayed()
    pages.find('nav a[href="#provenance"]').click()
    assert pages.find("#provenance .facts").is_displayed()


@pytest.mark.parametrize("dark", [False, True])
def test_mistakes_stand_out_from_right_answers(
    pages: Pages, full: GradeReport, tmp_path: Path, *, dark: bool
) -> None:
    """A single mistake differs more from the ground than any right answer."""
    pages.look(dark=dark, width_px=1280)
    pages.show(page_of(full, None), tmp_path)
    contrast = """
    const lightness = (selector) => {
      const colour = getComputedStyle(document.querySelector(selector)).backgroundColor;
      const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = lightness('.matrix td:not([class])');
    const ratio = (one) => (Math.max(one, ground) + 0.05) / (Math.min(one, ground) + 0.05);
    return ['.matrix td.hit.shaded', '.matrix td.shaded:not(.hit)'].map(s => ratio(lightness(s)));
    """
    right, wrong = pages.run(contrast)
    assert wrong > right + 0.2


def test_a_large_photo_shows_where_both_models_looked(
    pages: Pages, full: GradeReport, photos: Path, tmp_path: Path
) -> None:
    """The hottest part is the least transparent, and lies in the part that the model saw."""
    assert full.evidence is not None
    answer = ExplainedAnswer(
        region=Region(left=0.5, top=0.0, right=1.0, bottom=1.0),
        heat_map=HeatMap(method="grad_cam", heat=((0, 255), (0, 100))),
    )
    one = Explanation(image="cigüeña/3.png", candidate=answer, baseline=None)
    evidence = replace(full.evidence, explanations=(one,))
    pages.show(page_of(replace(full, evidence=evidence), photos), tmp_path)
    pages.find("#gallery-regressions [data-open]").click()
    shown = [
        one.get_attribute("data-kind") for one in pages.find_all("#viewer figure:not([hidden])")
    ]
    assert shown == ["photo", "candidate"]
    alphas = """
    const canvas = document.querySelector('figure[data-kind="candidate"] canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, 2, 2).data;
    return [pixels[3], pixels[7], pixels[11], pixels[15], canvas.style.left, canvas.style.width];
    """
    *heat, left, width = pages.run(alphas)
    assert heat[0] == heat[2] == 0 < heat[3] < heat[1]
    assert (left, width) == ("50%", "50%")
    assert pages.violations() == []

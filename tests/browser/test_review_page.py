"""The review page as a person uses it, in a real Chromium, with the real command behind it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import default_quarantine
from pipeline.folders import JOURNAL_NAME
from tests.browser.pages import Pages
from tests.browser.reviewing import ReviewPage, Served, served
from tests.pipeline.cleaning.review.drawn import draw_trees, finding, keep
from tests.pipeline.drawing import draw_image

FINDINGS = (
    finding("near_duplicate", "blue/blue 0.png", "blue/blue 3.png", score=0.97),
    finding("mirrored_duplicate", "blue/blue 1.png", "red/red 0.png", score=0.95),
    finding("label", "red/red 2.png", score=0.95),
    finding("dark", "green/green 1.png", score=0.8),
)
FACT = "it is near_duplicate (0.97)"
# Copies first, group by group; then other findings; then the rest.
FIRST = ("blue/blue 0.png", "blue/blue 3.png", "blue/blue 1.png", "red/red 0.png")


TOAST_IS_SEEN = """
    const box = document.getElementById("said").getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return getComputedStyle(document.getElementById("toast")).opacity === "1"
        && box.width > 60 && box.bottom <= innerHeight && top?.id === "said";
"""


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    """Twelve photos of three classes, with findings about some."""
    return draw_trees(tmp_path, findings=FINDINGS)


@pytest.fixture
def running(trees: Trees) -> Iterator[Served]:
    """The command, running on those folders."""
    with served(trees) as found:
        yield found


@pytest.fixture
def page(pages: Pages, running: Served) -> ReviewPage:
    """The page of that command, opened."""
    page = ReviewPage(pages)
    page.open(running.address)
    return page


def images_of(trees: Trees) -> list[str]:
    """The photos among the images."""
    return sorted(f"{path.parent.name}/{path.name}" for path in trees.images.glob("*/*"))


def entries_of(trees: Trees) -> list[dict[str, object]]:
    """The entries of the journal."""
    lines = (trees.quarantine / JOURNAL_NAME).read_text("ascii").splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_findings_come_first_and_copies_side_by_side(page: ReviewPage) -> None:
    """With the best of the copies proposed, and the model's guess on the photo in doubt."""
    page.pages.look(dark=False, width_px=1280, height_px=3000)
    page.wait_for_names(
        *FIRST,
        "blue/blue 2.png",
        "green/green 1.png",
        "green/green 0.png",
        "green/green 2.png",
        "green/green 3.png",
        "red/red 2.png",
        "red/red 1.png",
        "red/red 3.png",
    )
    assert page.pages.texts(".best") == ["best copy", "best copy"]
    guesses = [" ".join(text.split()) for text in page.pages.texts(".guess")]
    assert [text for text in guesses if text] == ["looks like green 95 %"]


def test_keys_keep_remove_undo_and_do_again(page: ReviewPage, trees: Trees) -> None:
    """Each decision moves on to the next photo; the files are where the page says."""
    assert page.active() == FIRST[0]
    page.press("k", "r")
    page.wait_for({FIRST[0]: "kept", FIRST[1]: "removed"})
    assert page.active() == FIRST[2]
    assert FIRST[1] not in images_of(trees)
    page.press("u")
    page.wait_for({FIRST[0]: "kept"})
    assert page.active() == FIRST[1]
    assert FIRST[1] in images_of(trees)
    page.press("U")
    page.wait_for({FIRST[0]: "kept", FIRST[1]: "removed"})
    assert [entry["kind"] for entry in entries_of(trees)] == ["decided"] * 2 + ["undone", "redone"]


def test_keys_move_to_a_class_by_its_name(page: ReviewPage, trees: Trees) -> None:
    """Enter takes the first class that is left."""
    page.press("m")
    page.pages.wait(lambda: page.pages.find("#move-dialog").is_displayed())
    page.press("gre", Keys.ENTER)
    page.wait_for({FIRST[0]: "moved to green"})
    assert "green/blue 0.png" in images_of(trees)
    page.press("u")
    page.wait_for({})
    assert FIRST[0] in images_of(trees)


def test_the_next_finding_and_the_guess_of_the_model(page: ReviewPage, trees: Trees) -> None:
    """N skips what has no finding; G moves to the class that is guessed."""
    page.press("n", "n", "n", "n")
    assert page.active() == "green/green 1.png"
    page.press("n", "g")
    page.wait_for({"red/red 2.png": "moved to green"})
    assert "green/red 2.png" in images_of(trees)
    page.press("g")
    page.pages.wait(lambda: page.said() == "The model doesn't guess another class")
    assert len(entries_of(trees)) == 1


def test_a_photo_is_looked_at_large_and_decided_about_there(page: ReviewPage) -> None:
    """It shows copies and findings in words; the keys move on to the next photo."""
    page.press(Keys.ENTER)
    page.pages.wait(lambda: page.pages.find("#large-dialog").is_displayed())
    assert page.pages.find("#large-head").text == FIRST[0]
    facts = page.pages.texts("#large-facts dd")
    assert facts == ["none", "80 x 80 pixels", "agrees with the label", FIRST[1], FACT]
    page.press("r")
    page.wait_for({FIRST[0]: "removed"})
    assert page.pages.find("#large-head").text == FIRST[1]
    page.press(Keys.ARROW_LEFT)
    assert page.pages.texts("#large-facts dd")[0] == "removed"
    page.press(Keys.ESCAPE)
    page.pages.wait(lambda: not page.pages.find("#large-dialog").is_displayed())
    page.press("u")
    page.wait_for({})


def test_the_best_copy_is_kept_and_the_others_go(page: ReviewPage, trees: Trees) -> None:
    """It is one entry, which one undo reverses, even across classes."""
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "b")
    page.wait_for({"blue/blue 1.png": "kept", "red/red 0.png": "removed"})
    assert len(entries_of(trees)) == 1
    page.press("u")
    page.wait_for({})


def test_many_are_chosen_and_removed_at_once(page: ReviewPage, trees: Trees) -> None:
    """With Shift and arrows, and with Space; one undo brings all back."""
    page.show_all(12)
    page.press_with_shift(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.pages.find("#chosen").text == "3 selected"
    page.press("r")
    page.wait_for(dict.fromkeys(FIRST[:3], "removed"))
    assert len(images_of(trees)) == 9
    page.press("u")
    page.wait_for({})
    page.press(Keys.HOME, " ", Keys.END, " ", "k")
    page.wait_for({FIRST[0]: "kept", "red/red 3.png": "kept"})


@pytest.mark.parametrize("spot", ["h1", "#tally", "header", "#kind-filter", "footer"])
def test_keys_work_after_a_click_anywhere(page: ReviewPage, spot: str) -> None:
    """R removes a photo after a click on the header, a margin or a filter; N changes no filter."""
    page.pages.look(dark=False, width_px=1280)
    page.pages.find(spot).click()
    page.press(Keys.ESCAPE, "r")
    page.wait_for({FIRST[0]: "removed"})
    page.press("n", "k")
    page.wait_for({FIRST[0]: "removed", FIRST[2]: "kept"})
    assert page.pages.run("return document.getElementById('kind-filter').value") == ""


def test_letters_in_the_name_filter_are_text(page: ReviewPage) -> None:
    """No photo is removed by typing a name; Escape leads back to the photos."""
    page.press("/", "r", "k")
    page.pages.wait(
        lambda: page.pages.run("return document.getElementById('name-filter').value") == "rk"
    )
    page.press(Keys.BACKSPACE, Keys.BACKSPACE, Keys.ESCAPE, "r")
    page.pages.wait(lambda: [*page.stamps().values()] == ["removed"])


def test_what_was_done_is_seen_and_undone_by_a_click(page: ReviewPage, trees: Trees) -> None:
    """The message stands above the buttons with an Undo of its own, also on a phone."""
    before = images_of(trees)
    for width_px in (1280, 390):
        page.pages.look(dark=False, width_px=width_px)
        page.press("r")
        page.pages.wait(lambda: page.said().startswith("Removed "))
        page.pages.wait(lambda: page.pages.run(TOAST_IS_SEEN))
        page.pages.find("#toast-undo").click()
        page.pages.wait(lambda: page.said() == "Undone")
        page.pages.wait(lambda: not page.stamps())
        assert not page.pages.find("#toast-undo").is_displayed()
    assert images_of(trees) == before


def test_filters_show_less_and_progress_counts(page: ReviewPage) -> None:
    """Photos can be filtered by class, finding, decision and name."""
    assert page.pages.find("#tally").text.startswith("0 of 6 findings decided")
    page.press("k")
    page.wait_for({FIRST[0]: "kept"})
    assert page.pages.find("#tally").text.startswith("1 of 6 findings decided")
    Select(page.pages.find("#status-filter")).select_by_visible_text("Kept")
    page.wait_for_names(FIRST[0])
    Select(page.pages.find("#status-filter")).select_by_visible_text("Any or none")
    Select(page.pages.find("#class-filter")).select_by_visible_text("red")
    page.wait_for_names(*FIRST[2:], "red/red 2.png", "red/red 1.png", "red/red 3.png")
    Select(page.pages.find("#kind-filter")).select_by_visible_text("label in doubt")
    page.wait_for_names("red/red 2.png")
    page.pages.find("#name-filter").send_keys("nothing")
    page.pages.wait(lambda: page.pages.find("#nothing").is_displayed())
    assert page.pages.find("#nothing").text == "No photo matches the filter."


@pytest.mark.parametrize("is_killed", [True, False])
def test_nothing_is_lost_if_the_process_is_killed_or_the_page_closed(
    pages: Pages, trees: Trees, *, is_killed: bool
) -> None:
    """Opened again, by the same command, the page shows every decision and undoes the last."""
    page = ReviewPage(pages)
    stamps = {FIRST[0]: "kept", FIRST[1]: "removed"}
    with served(trees) as running:
        page.open(running.address)
        page.press("k", "r")
        page.wait_for(stamps)
        pages.browser.get("about:blank")
        if is_killed:
            running.kill()
        else:
            assert "The decisions are in" in running.interrupt()
            assert running.process.returncode == 0
    with served(trees) as running:
        page.open(running.address)
        page.wait_for(stamps)
        page.press("u")
        page.wait_for({FIRST[0]: "kept"})
    assert FIRST[1] in images_of(trees)


def test_a_decision_after_the_end_of_the_server_is_not_shown_as_made(
    page: ReviewPage, running: Served
) -> None:
    """The page says that it wasn't recorded, and what to do."""
    running.kill()
    page.press("r")
    page.pages.wait(lambda: page.pages.find("#alarm").is_displayed())
    assert "was not recorded" in page.pages.find("#alarm").text
    assert page.stamps() == {}


def test_a_decision_that_cannot_be_carried_out_says_why(page: ReviewPage, trees: Trees) -> None:
    """The file was removed by somebody meanwhile."""
    (trees.images / FIRST[0]).unlink()
    page.press("r")
    page.pages.wait(lambda: page.pages.find("#alarm").is_displayed())
    assert "is no longer there" in page.pages.find("#alarm").text
    assert page.stamps() == {}


def test_the_page_asks_no_other_host_and_complains_of_nothing(
    pages: Pages, running: Served
) -> None:
    """This holds after looking, deciding and opening every dialog; no policy is broken."""
    page = ReviewPage(pages)
    page.open(running.address)
    page.wait_for_pictures()
    page.press("r", "u", Keys.ENTER)
    pages.wait(lambda: pages.run("return document.getElementById('large-picture').naturalWidth"))
    page.press(Keys.ESCAPE, "m", Keys.ESCAPE, "?", Keys.ESCAPE)
    asked = page.addresses()
    assert any("/small/" in address for address in asked)
    assert {urlsplit(one).netloc for one in asked} == {urlsplit(running.address).netloc}
    assert all(one.startswith(running.address) for one in asked)
    assert pages.complaints() == []


@pytest.mark.parametrize(("dark", "width_px"), [(False, 1280), (True, 1280), (True, 390)])
@pytest.mark.parametrize("key", ["", Keys.ENTER, "m", "?"])
def test_no_rule_of_accessibility_is_broken(
    page: ReviewPage, key: str, *, dark: bool, width_px: int
) -> None:
    """At levels A and AA, with decisions made, and with every dialog open."""
    page.pages.look(dark=dark, width_px=width_px)
    page.press("k", "r", " ")
    page.wait_for({FIRST[0]: "kept", FIRST[1]: "removed"})
    if key:
        page.press(key)
        page.pages.wait(lambda: page.pages.find("dialog[open]").is_displayed())
    assert page.pages.violations() == []
    widths = "return [document.documentElement.scrollWidth, innerWidth]"
    assert len(set(page.pages.run(widths))) == 1, "nothing sticks out to the side"


def test_what_is_heard_says_what_is_seen(page: ReviewPage) -> None:
    """Each option names the photo, its class, decision, findings and guess."""
    page.show_all(12)
    page.press("r")
    page.wait_for({FIRST[0]: "removed"})
    assert page.said() == "Removed blue 0.png"
    labels = [card.get_attribute("aria-label") for card in page.pages.find_all(".card")]
    assert "blue 0.png, in blue, removed, best of 2 copies, near copy" in labels
    assert "red 2.png, in red, label in doubt, looks like green 95 %" in labels
    grid = page.pages.find("#grid")
    active = grid.get_attribute("aria-activedescendant")
    assert page.pages.find(f"#{active} .name").get_attribute("title") == FIRST[1]


HOSTILE = (
    "<img src=x onerror=window.ran=1>.png",
    "'\"><script>window.ran=1</script>.png",
    "${window.ran=1}{{7*7}}\u202e\u2028.png",
    "javascript:window.ran=1.png",
)


def test_hostile_names_are_only_text(pages: Pages, tmp_path: Path) -> None:
    """Of files and of classes; in cards, dialogs, filters and announcements."""
    label = "<svg onload=window.ran=1>"
    images = tmp_path / "<b>images"
    for number, name in enumerate(HOSTILE):
        draw_image(
            images / label / name.replace("/", "\N{DIVISION SLASH}"), colour=(9, 9, 9), seed=number
        )
    draw_image(images / "plain" / "b\udcff.png", colour=(90, 9, 9), seed=9)
    trees = Trees(images=images, quarantine=default_quarantine(images))
    keep(trees)
    page = ReviewPage(pages)
    with served(trees) as running:
        page.open(running.address)
        page.wait_for_pictures()
        n_scripts = len(pages.find_all("script"))
        page.press("r", Keys.ENTER)
        pages.wait(lambda: pages.find("#large-dialog").is_displayed())
        page.press(Keys.ESCAPE, "m")
        pages.wait(lambda: pages.find("#move-dialog").is_displayed())
        assert label in pages.texts("#class-list button")
        page.press("plain", Keys.ENTER)
        pages.wait(lambda: "moved to plain" in page.stamps().values())
        assert pages.run("return window.ran") is None
        assert len(pages.find_all("script")) == n_scripts
        assert pages.find_all("svg, b, main script") == []
        assert page.active().startswith(f"{label}/")
        assert pages.complaints() == []


def test_five_thousand_photos_are_a_page_of_some_cards(pages: Pages, tmp_path: Path) -> None:
    """Only what is near the window is in the page, wherever one goes."""
    images = tmp_path / "images"
    for label in ("odd", "even"):
        (images / label).mkdir(parents=True)
    for number in range(5000):
        label = "odd" if number % 2 else "even"
        colour = (number % 256, number // 256, 0)
        Image.new("RGB", (8, 8), colour).save(images / label / f"{number:04}.bmp")
    trees = Trees(images=images, quarantine=default_quarantine(images))
    keep(trees)
    page = ReviewPage(pages)
    with served(trees) as running:
        page.open(running.address)
        assert "5000 of 5000 shown" in pages.find("#tally").text
        n_most = len(pages.find_all(".card"))
        page.press(Keys.END)
        assert page.active() == "odd/4999.bmp"
        page.wait_for_pictures()
        page.press("r")
        page.wait_for({"odd/4999.bmp": "removed"})
        page.press(Keys.PAGE_UP, Keys.PAGE_UP)
        n_most = max(n_most, len(pages.find_all(".card")))
        assert 10 < n_most < 120
        assert pages.complaints() == []

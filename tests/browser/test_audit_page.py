"""The page of an audit in a real Chromium."""

from pathlib import Path

import pytest

from pipeline.cleaning.audit.as_html import audit_html
from pipeline.cleaning.audit.findings import Audit, Finding
from tests.browser.pages import Pages
from tests.pipeline.drawing import draw_classes

HOSTILE = 'red/"><img src=x onerror=alert(1)>.png'


@pytest.fixture
def page(pages: Pages, tmp_path: Path) -> Path:
    """A page with copies, a photo that is gone under a hostile name, and something left out."""
    root = draw_classes(tmp_path / "images", per_class=2)
    findings = (
        Finding(
            kind="near_duplicate",
            images=("blue/blue 0.png", "red/red 0.png"),
            labels=("blue", "red"),
            score=0.97,
            reason="the pictures look alike",
        ),
        Finding(kind="dark", images=(HOSTILE,), labels=("red",), score=0.5, reason="it is dark"),
    )
    audit = Audit(root=root, photos=(), findings=findings, skipped=("Labels were not checked.",))
    return pages.show(audit_html(audit), tmp_path)


@pytest.mark.parametrize(("dark", "width_px"), [(False, 1280), (True, 1280), (True, 390)])
def test_no_rule_of_accessibility_is_broken(
    pages: Pages, page: Path, *, dark: bool, width_px: int
) -> None:
    """At levels A and AA, light and dark, wide and narrow; nothing is wider than the window."""
    pages.look(dark=dark, width_px=width_px)
    pages.open(page)
    assert pages.violations() == []
    assert pages.run("return document.documentElement.scrollWidth") <= width_px


def test_the_page_asks_for_nothing(pages: Pages, page: Path) -> None:
    """No script, font or image from elsewhere; the console has no complaint."""
    assert pages.requests(page) == []
    assert pages.complaints() == []
    assert pages.find_all("script") == []


def test_names_and_thumbnails_are_shown(pages: Pages, page: Path) -> None:
    """A hostile name as text; a photo that is gone is said to be."""
    assert page.exists()
    assert pages.texts("figcaption") == ["blue/blue 0.png", "red/red 0.png", HOSTILE]
    widths = pages.run("return [...document.images].map(image => image.naturalWidth)")
    assert widths == [40, 40]
    assert pages.texts(".missing") == ["no picture"]

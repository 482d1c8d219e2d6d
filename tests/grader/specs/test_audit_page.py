"""The page of an audit, read as HTML and in a real Chromium."""

import json
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_selenium_python import Axe
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from grader.errors import BadInputError
from grader.specs.audit_page import audit_html, write_audit
from grader.specs.auditing import AuditRequest, audit_folder
from grader.specs.audits import Audit
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import TrainingImage, write_sidecar
from tests.factories import make_sidecar
from tests.grader.specs.pictures import picture, save

EVIL = "<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The attributes of every tag of a page."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def found(tmp_path: Path) -> Audit:
    """An audit with copies in a class and across two, a leak, and a broken file."""
    root = tmp_path / "test"
    for name, seed in {f"robin/{EVIL[:8]}.png": 1, "robin/b.png": 1, "wren/c.png": 1}.items():
        save(picture(seed), root / name)
    save(picture(2), root / "wren" / "d.png")
    (root / "wren" / "e.png").write_bytes(b"")
    export = save(picture(9), tmp_path / "x.png").rename(tmp_path / "model.pkl")
    seen = TrainingImage(part="train", sha256=sha256_of(root / "wren" / "d.png"), phash=None)
    sidecar = make_sidecar(export=export.name, sha256=sha256_of(export), images=(seen,))
    write_sidecar(sidecar, export)
    return audit_folder(AuditRequest(root=root, against=(export,)), on_progress=print)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    """A Chromium without a window."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("Chromium or its driver is not installed")
    options = ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--window-size=900,700"):
        options.add_argument(argument)
    with Chrome(options=options, service=Service(driver)) as chrome:
        yield chrome


def test_pictures_stand_side_by_side_and_names_are_escaped(found: Audit) -> None:
    """A picture is part of the page; one known by its hashes alone has none."""
    text = audit_html(found)
    pictures = [attributes for tag, attributes in Page(text).tags if tag == "img"]

    assert "<img src" not in text.replace('<img src="data:image/jpeg;base64,', "")
    assert len(pictures) == 5
    assert [one["alt"] for one in pictures][:2] == ['"robin/<img src.png"', '"wren/c.png"']
    assert text.count("no picture available") == 1


def test_the_page_asks_no_server_and_runs_no_script(found: Audit) -> None:
    """All that it shows it holds, and its policy forbids the rest."""
    tags = Page(audit_html(found)).tags
    links = [one.get(key) for _, one in tags for key in ("src", "href") if one.get(key)]

    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "iframe", "object"})
    assert all(str(link).startswith("data:image/jpeg") for link in links)
    policies = [one["content"] for tag, one in tags if tag == "meta" and "http-equiv" in one]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_a_page_has_room_for_so_many_pairs(found: Audit) -> None:
    """What weighs most is shown first, and the rest is counted."""
    text = audit_html(found, max_pairs=1)

    assert text.count("<figure>") == 2
    assert "Copies with different labels (1)" in text
    assert text.count("and 1 more, in audit.json") == 2


def test_both_files_are_written(found: Audit, tmp_path: Path) -> None:
    """Into a folder that is made for them."""
    paths = write_audit(found, tmp_path / "deep" / "out")

    assert [path.name for path in paths] == ["audit.json", "audit.html"]
    assert len(json.loads(paths[0].read_text("utf-8"))["findings"]) == 3
    assert paths[1].read_text("utf-8") == audit_html(found)


def test_a_folder_that_is_a_file_is_told_of(found: Audit, tmp_path: Path) -> None:
    """With the option that named it."""
    (tmp_path / "out").write_text("x", "utf-8")

    with pytest.raises(BadInputError, match="exists already"):
        write_audit(found, tmp_path / "out")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_in_chromium(
    found: Audit, browser: Chrome, tmp_path: Path, scheme: str
) -> None:
    """By the rules of axe, its pictures are loaded, and its console is silent."""
    _, page = write_audit(found, tmp_path / "out")
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.as_uri())
    pictures = browser.find_elements(By.TAG_NAME, "img")
    axe = Axe(browser)
    axe.inject()

    assert axe.run()["violations"] == []
    assert [one.get_property("naturalWidth") for one in pictures] == [96] * 5
    assert browser.execute("getLog", {"type": "browser"})["value"] == []

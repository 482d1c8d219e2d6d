"""Whole audits of drawn photos, with the real network and libraries."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.cleaning.audit.auditing import AuditSettings, audit_images
from pipeline.cleaning.audit.findings import KINDS, Audit, Finding
from pipeline.cleaning.audit.reporting import audit_lines, write_audit
from pipeline.errors import BadInputError
from tests.pipeline.copying import mirrored_copy, smaller_copy
from tests.pipeline.drawing import COLOURS, draw_classes, draw_image, silent

# What this drawn folder shows of each kind; others may be found besides.
PLANTED: dict[str, set[tuple[str, ...]]] = {
    "corrupt": {("red/broken.png",)},
    "mistyped": {("red/liar.jpg",)},
    "exact_duplicate": {("green/green 1.png", "green/twin.png")},
    "near_duplicate": {("red/red 2.png", "red/again.png")},
    "mirrored_duplicate": {("red/red 3.png", "blue/turned.png")},
    "label": {("green/strayed.png",)},
    "outlier": {("red/drawn.png",)},
    "too_small": {("red/tiny.png",)},
    "dark": {("blue/night.png",)},
    "blurry": {("blue/blurry.png",)},
    "odd_aspect": {("blue/long.png",)},
}


def draw_flawed(root: Path) -> Path:
    """Three classes with one flaw of every kind."""
    draw_classes(root, per_class=14)
    (root / "red" / "broken.png").write_bytes(b"no image")
    draw_image(root / "red" / "liar.png", colour=COLOURS["red"], seed=901).rename(
        root / "red" / "liar.jpg"
    )
    (root / "green" / "twin.png").write_bytes((root / "green" / "green 1.png").read_bytes())
    smaller_copy(root / "red" / "red 2.png", root / "red" / "again.png")
    mirrored_copy(root / "red" / "red 3.png", root / "blue" / "turned.png")
    draw_image(root / "green" / "strayed.png", colour=COLOURS["red"], seed=902)
    draw_image(root / "red" / "tiny.png", colour=COLOURS["red"], seed=903, side_px=12)
    drawn = Image.new("RGB", (60, 60), "white")
    ImageDraw.Draw(drawn).ellipse((15, 15, 45, 45), fill="red", outline="black")
    drawn.save(root / "red" / "drawn.png")
    night = np.random.default_rng(1).integers(0, 12, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(night).save(root / "blue" / "night.png")
    long = np.random.default_rng(2).integers(0, 255, (30, 200, 3), dtype=np.uint8)
    Image.fromarray(long).save(root / "blue" / "long.png")
    coarse = np.random.default_rng(7).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize((300, 300), Image.Resampling.BICUBIC)
    soft.save(root / "blue" / "blurry.png")
    (root / "red" / "notes.txt").touch()
    return root


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The audit of that folder."""
    root = draw_flawed(tmp_path_factory.mktemp("audit") / "images")
    return audit_images(root, AuditSettings(min_side_px=16), silent)


def found(audit: Audit, kind: str) -> dict[tuple[str, ...], Finding]:
    """The findings of a kind by their images."""
    return {finding.images: finding for finding in audit.findings if finding.kind == kind}


@pytest.mark.parametrize("kind", KINDS)
def test_a_flaw_of_each_kind_is_found(audit: Audit, kind: str) -> None:
    """With its class, a score in [0, 1], and a reason."""
    findings = found(audit, kind)
    assert PLANTED[kind] <= findings.keys()
    for finding in findings.values():
        assert 0 <= finding.score <= 1
        assert finding.labels == tuple(image.partition("/")[0] for image in finding.images)
        assert finding.reason


@pytest.mark.parametrize(
    "kind", ["corrupt", "mistyped", "exact_duplicate", "near_duplicate", "too_small"]
)
def test_certain_checks_find_nothing_else(audit: Audit, kind: str) -> None:
    """Files and copies leave no room for guesses."""
    assert found(audit, kind).keys() == PLANTED[kind]


def test_a_wrong_label_comes_with_the_guess(audit: Audit) -> None:
    """Of a classifier that had not seen the photo; the photo's facts hold it, too."""
    finding = found(audit, "label")["green/strayed.png",]
    assert finding.reason.startswith("it looks more like red (")
    facts = {photo.image: photo for photo in audit.photos}["green/strayed.png"]
    assert facts.guess is not None
    assert (facts.label, facts.guess.label) == ("green", "red")
    assert facts.guess.probability == finding.score > facts.guess.probability_of_own


def test_every_image_has_its_facts(audit: Audit) -> None:
    """Also one that can't be decoded, which has neither a size nor a guess."""
    facts = {photo.image: photo for photo in audit.photos}
    assert len(facts) == 3 * 14 + 11
    broken = facts["red/broken.png"]
    assert (broken.width_px, broken.height_px, broken.guess) == (None, None, None)
    assert (facts["red/tiny.png"].width_px, facts["red/tiny.png"].height_px) == (12, 12)


def test_findings_are_grouped_and_the_surest_come_first(audit: Audit) -> None:
    """In the order in which the kinds are named."""
    places = [(KINDS.index(one.kind), -one.score) for one in audit.findings]
    assert places == sorted(places)


def test_copies_in_two_classes_are_said_to_be(audit: Audit) -> None:
    """One of the labels is wrong."""
    finding = found(audit, "mirrored_duplicate")["red/red 3.png", "blue/turned.png"]
    assert finding.reason.endswith("they are in two classes, so one label is wrong")


def test_an_audit_is_written_in_three_forms(audit: Audit, tmp_path: Path) -> None:
    """JSON holds all of it, CSV one finding a line, and the page shows them."""
    write_audit(audit, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "audit.json").read_text("utf-8"))
    assert document["n_images"] == len(audit.photos)
    assert [tuple(one["images"]) for one in document["findings"]] == [
        finding.images for finding in audit.findings
    ]
    assert document["findings"][0].keys() == {"kind", "images", "labels", "score", "reason"}
    rows = (tmp_path / "out" / "audit.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + len(audit.findings)
    assert (tmp_path / "out" / "audit.html").read_text("utf-8").count("<figure>") == sum(
        len(finding.images) for finding in audit.findings
    )
    with pytest.raises(BadInputError, match="already exists"):
        write_audit(audit, tmp_path / "out")


def test_the_lines_count_the_findings_and_name_what_was_left_out(audit: Audit) -> None:
    """They are what the command line prints."""
    lines = audit_lines(audit)
    assert lines[0] == f"{len(audit.photos)} images, {len(audit.findings)} findings"
    assert "corrupt: 1" in lines
    assert lines[-1] == '1 file is not an image, judging by its name: "red/notes.txt".'


def test_without_the_libraries_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the audit says how to install them, once for each."""
    images = draw_classes(tmp_path / "images", per_class=4)
    (images / "red" / "twin.png").write_bytes((images / "red" / "red 1.png").read_bytes())
    for module in ("cleanvision", "cleanlab.filter", "cleanlab.outlier"):
        monkeypatch.setitem(sys.modules, module, None)
    audited = audit_images(images, AuditSettings(min_side_px=16), silent)
    assert [finding.kind for finding in audited.findings] == ["exact_duplicate"]
    assert not audited.is_complete
    assert len(audited.skipped) == 2
    assert all('pip install "classifier-grader[clean]"' in one for one in audited.skipped)
    assert [one.partition(" is not installed")[0].split()[-1] for one in audited.skipped] == [
        "cleanvision",
        "cleanlab",
    ]


def test_without_the_network_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the audit says with which extra it comes."""
    images = draw_classes(tmp_path / "images", per_class=4)
    (images / "red" / "twin.png").write_bytes((images / "red" / "red 1.png").read_bytes())
    for module in ("cleaning.audit.photo_features", "training.weights.architectures"):
        monkeypatch.delitem(sys.modules, f"pipeline.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "fastai.vision.learner", None)
    audited = audit_images(images, AuditSettings(min_side_px=16), silent)
    assert [finding.kind for finding in audited.findings] == ["exact_duplicate"]
    sentence = (
        "Labels and outliers were not checked: fastai is not installed. Install it with: "
        'python -m pip install "classifier-grader[pipeline]"'
    )
    assert audited.skipped == (sentence,)
    assert not audited.is_complete


def test_one_class_alone_has_no_wrong_labels(tmp_path: Path) -> None:
    """The audit says why it did not look for them."""
    images = draw_classes(tmp_path / "images", per_class=4, names=("loro",))
    audited = audit_images(images, AuditSettings(min_side_px=16), silent)
    assert audited.findings == ()
    assert audited.is_complete
    assert audited.skipped == (
        "Labels were not checked: that needs two classes, and two different photos of each.",
    )


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    """An empty folder doesn't count as clean."""
    (tmp_path / "red").mkdir()
    with pytest.raises(BadInputError, match="no images in class folders"):
        audit_images(tmp_path, AuditSettings(), silent)

"""Whether a set is the promised one."""

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import BadInputError
from grader.reports.document.writing import report_json
from grader.specs.sealing import seal_folder, write_seal
from grader.specs.verifying import Promise, Verification, read_promise, verify_folder, verify_report
from hidden_test_spec.images import sha256_of
from hidden_test_spec.spec import Spec
from tests.factories import draw_folder, draw_image, make_report, make_spec

TODAY = dt.date(2026, 3, 1)
SALT = "5a" * 32


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A test folder of two classes."""
    return draw_folder(tmp_path / "test", {"robin": 3, "wren": 2})


def promise_of(root: Path, *, spec: Spec | None = None, salt: str = SALT) -> Promise:
    """The promise of a folder, written and read back."""
    home = root.parent / salt[:4]
    home.mkdir(exist_ok=True)
    made, key = seal_folder(root, spec=spec, salt=salt, created=TODAY, on_progress=print)
    write_seal(made, home / "seal.json", key=key, key_path=home / "key.json")
    return read_promise(home / "seal.json", home / "key.json")


def verify(promise: Promise, root: Path, *, spec: Spec | None = None) -> Verification:
    """Hold a folder against its promise."""
    return verify_folder(promise, root, spec=spec, on_progress=print)


def write_report(path: Path, images: list[dict[str, str]] | None) -> Path:
    """Write what a verification reads of a report."""
    path.write_text(json.dumps({"schema_version": 2, "test_set": {"images": images}}), "utf-8")
    return path


def listed(root: Path) -> list[dict[str, str]]:
    """The images of a folder as a report lists them."""
    return [
        {
            "name": f"{path.parent.name}/{path.name}",
            "label": path.parent.name,
            "sha256": sha256_of(path),
        }
        for path in sorted(root.glob("*/*"))
    ]


def test_the_folder_that_was_sealed_is_the_promised_one(root: Path) -> None:
    """Nothing differs."""
    found = verify(promise_of(root), root)

    assert found.is_kept
    assert found.n_found == 5


def test_every_image_that_differs_is_named(root: Path) -> None:
    """One is gone, one has other bytes, one lies in another folder, and one is new."""
    promise = promise_of(root)
    first, second, third = sorted((root / "robin").iterdir())
    first.unlink()
    draw_image(second, seed=99)
    shutil.move(third, root / "wren" / "other.png")
    draw_image(root / "wren" / "new.png", seed=98)
    found = verify(promise, root)

    assert not found.is_kept
    assert [(change.kind, change.name) for change in found.changes] == [
        ("removed", f"robin/{first.name}"),
        ("changed", f"robin/{second.name}"),
        ("moved", f"robin/{third.name}"),
        ("added", "wren/new.png"),
    ]


def test_a_key_of_another_seal_proves_nothing(root: Path) -> None:
    """Even one of the same images."""
    promise_of(root)
    promise_of(root, salt="6b" * 32)
    home = root.parent

    with pytest.raises(BadInputError, match="doesn't belong to the seal"):
        read_promise(home / "5a5a" / "seal.json", home / "6b6b" / "key.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read"),
        ("{}", "not a seal's key .salt: Field required"),
        ("no JSON", "not a seal's key .JSON: Invalid JSON"),
    ],
)
def test_a_key_that_is_none_is_told_of(root: Path, content: str | None, message: str) -> None:
    """Missing, of another kind, and no JSON at all."""
    promise_of(root)
    key = root.parent / "other.json"
    if content is not None:
        key.write_text(content, "utf-8")

    with pytest.raises(BadInputError, match=message):
        read_promise(root.parent / "5a5a" / "seal.json", key)


@pytest.mark.parametrize(("sealed_with", "given"), [(True, False), (False, True)])
def test_a_folder_is_verified_with_the_spec_that_it_was_sealed_with(
    root: Path, *, sealed_with: bool, given: bool
) -> None:
    """Labels would not be the same ones otherwise."""
    promise = promise_of(root, spec=make_spec() if sealed_with else None)

    with pytest.raises(BadInputError, match="The seal was made"):
        verify(promise, root, spec=make_spec() if given else None)


def test_the_spec_of_the_seal_is_accepted(root: Path) -> None:
    """By name and version."""
    spec = make_spec()

    assert verify(promise_of(root, spec=spec), root, spec=spec).is_kept


def test_a_report_on_the_promised_images_keeps_the_promise(root: Path) -> None:
    """Even if the rest of it differs."""
    report = write_report(root.parent / "report.json", listed(root))

    assert verify_report(promise_of(root), report).is_kept


def test_a_report_on_other_images_breaks_it(root: Path) -> None:
    """An image that was left out of the grading is named."""
    images = listed(root)
    found = verify_report(promise_of(root), write_report(root.parent / "report.json", images[1:]))

    assert [(change.kind, change.name) for change in found.changes] == [
        ("removed", images[0]["name"])
    ]


def test_a_report_of_the_grader_can_be_read(root: Path) -> None:
    """The one that `grader evaluate` writes, whose images here are quite other ones."""
    report = root.parent / "report.json"
    report.write_text(report_json(make_report()), "utf-8")
    found = verify_report(promise_of(root), report)

    assert found.n_found == 4
    assert {change.kind for change in found.changes} >= {"added"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda report: report["test_set"].update(images=None), "student's edition"),
        (lambda report: report.pop("test_set"), "not a report .* .test_set: Field required"),
        (lambda report: report["test_set"]["images"][0].update(sha256="x"), "test_set.images.0"),
        (
            lambda report: report["test_set"]["images"].append(report["test_set"]["images"][0]),
            "can't be told apart",
        ),
    ],
)
def test_a_report_without_a_list_of_images_cannot_be_verified(
    root: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    """A student's edition, another file, a broken hash, and an image that comes twice."""
    path = write_report(root.parent / "report.json", listed(root))
    report = json.loads(path.read_text("utf-8"))
    change(report)
    path.write_text(json.dumps(report), "utf-8")

    with pytest.raises(BadInputError, match=message):
        verify_report(promise_of(root), path)

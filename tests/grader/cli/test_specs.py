"""The commands about the test set: what goes where, and with which exit code."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from grader.cli.app import app
from hidden_test_spec.reading import read_spec
from tests.grader.specs.pictures import picture, save


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A test folder of four different photos; commands run beside it."""
    for number in range(2):
        save(picture(number), tmp_path / "test" / "robin" / f"{number}.png")
        save(picture(number + 2), tmp_path / "test" / "wren" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "test"


def run(*arguments: str | Path) -> Result:
    """Run a command of `grader spec` in this process."""
    return CliRunner().invoke(app, ["spec", *map(str, arguments)])


def test_a_draft_is_written_and_read_back(root: Path) -> None:
    """Under the usual name; stdout says what it rests on."""
    result = run("init", root, "--name", "two-birds")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("A spec of 2 classes, from 4 images.")
    assert "Wrote spec.toml" in result.stderr
    assert read_spec(root.parent / "spec.toml").name == "two-birds"


def test_a_draft_tells_what_it_left_out(root: Path) -> None:
    """Files that are not images, and images that can't be read."""
    (root / "notes.txt").write_text("x", "utf-8")
    (root / "wren" / "broken.png").write_bytes(b"")
    result = run("init", root)

    assert "1 file is not an image in a class folder" in result.stdout
    assert 'Unreadable (1): "wren/broken.png"' in result.stdout


def test_a_draft_replaces_a_file_only_by_force(root: Path) -> None:
    """It may be hours of editing."""
    assert run("init", root).exit_code == 0
    again = run("init", root)

    assert again.exit_code == 3
    assert "--force" in again.stderr
    assert run("init", root, "--force").exit_code == 0


def test_a_name_that_is_none_is_wrong_usage(root: Path) -> None:
    """Nothing is written."""
    assert run("init", root, "--name", "Two Birds").exit_code == 2
    assert not (root.parent / "spec.toml").exists()


def test_a_sealed_folder_is_verified(root: Path) -> None:
    """The seal goes to stdout as JSON on request, and nothing of the key does."""
    sealed = run("seal", root, "--format", "json")
    verified = run("verify", root, "--seal", "seal.json", "--key", "seal-key.json")

    assert sealed.exit_code == 0, sealed.output
    assert sealed.stdout == (root.parent / "seal.json").read_text("utf-8")
    assert json.loads(sealed.stdout)["counts"] == {"robin": 2, "wren": 2}
    salt = json.loads((root.parent / "seal-key.json").read_text("utf-8"))["salt"]
    assert salt not in sealed.output
    assert verified.exit_code == 0
    assert verified.stdout.startswith("KEPT: this is the set promised on ")


def test_no_two_seals_have_the_same_salt(root: Path) -> None:
    """It is drawn anew for each."""
    for number in (1, 2):
        result = run("seal", root, "--out", f"{number}.json", "--key", f"key{number}.json")
        assert result.exit_code == 0, result.output
        assert "4 images in 2 classes are promised:" in result.stdout
    first, second = (
        json.loads((root.parent / f"{number}.json").read_text("utf-8")) for number in (1, 2)
    )

    assert first["counts"] == second["counts"]
    assert first["commitment"] != second["commitment"]


def test_a_folder_that_is_not_the_sealed_one_exits_with_3(root: Path) -> None:
    """And names what differs."""
    run("seal", root)
    (root / "robin" / "0.png").unlink()
    result = run("verify", root, "--seal", "seal.json", "--key", "seal-key.json")
    as_json = run(
        "verify", root, "--seal", "seal.json", "--key", "seal-key.json", "--format", "json"
    )

    assert result.exit_code == as_json.exit_code == 3
    assert 'removed  "robin/0.png"' in result.stdout
    assert json.loads(as_json.stdout)["kept"] is False


def test_a_report_is_verified_in_place_of_a_folder(root: Path) -> None:
    """By the images that it lists."""
    run("seal", root)
    key = json.loads((root.parent / "seal-key.json").read_text("utf-8"))
    report = root.parent / "report.json"
    report.write_text(json.dumps({"test_set": {"images": key["images"]}}), "utf-8")
    result = run("verify", "--report", report, "--seal", "seal.json", "--key", "seal-key.json")

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("given", [[], ["test", "--report", "report.json"]])
def test_a_folder_and_a_report_exclude_each_other(root: Path, given: list[str]) -> None:
    """One of them is needed."""
    run("seal", root)

    assert run("verify", *given, "--seal", "seal.json", "--key", "seal-key.json").exit_code == 2


def test_an_audit_is_a_report_whatever_it_finds(root: Path) -> None:
    """Unless findings are to fail a job."""
    save(picture(0), root / "wren" / "copy.png")
    result = run("audit", root, "--out", "audit")
    strict = run("audit", root, "--strict", "--format", "json")

    assert result.exit_code == 0, result.output
    assert "Copies with different labels (1)" in result.stdout
    assert (root.parent / "audit" / "audit.html").exists()
    assert strict.exit_code == 5
    assert json.loads(strict.stdout)["n_photos"] == 4


def test_a_clean_set_passes_a_strict_audit(root: Path) -> None:
    """There is nothing to find in it."""
    assert run("audit", root, "--strict").exit_code == 0


def test_an_unreadable_image_fails_a_strict_audit(root: Path) -> None:
    """It could be a copy of anything."""
    (root / "wren" / "broken.png").write_bytes(b"")

    assert run("audit", root).exit_code == 0
    assert run("audit", root, "--strict").exit_code == 5


def test_an_audit_is_held_against_all_training_data_that_is_given(root: Path) -> None:
    """The option may be repeated."""
    save(picture(0), root.parent / "first" / "a.png")
    save(picture(1), root.parent / "second" / "robin" / "b.png")
    result = run("audit", root, "--against", "first", "--against", "second", "--format", "json")

    assert json.loads(result.stdout)["n_leaked"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["init", "nowhere"], "test folder can't be read"),
        (["seal", "nowhere"], "test folder can't be read"),
        (["verify", "test", "--seal", "no.json", "--key", "no.json"], "can't be read"),
        (["audit", "nowhere"], "test folder can't be read"),
        (["audit", "test", "--against", "nowhere"], "training data can't be read"),
        (["audit", "test", "--spec", "birds"], "match no class of the spec"),
    ],
)
def test_bad_input_exits_with_3_and_a_message(
    root: Path, arguments: list[str], message: str
) -> None:
    """On stderr, without a traceback."""
    result = run(*arguments)

    assert root.exists()
    assert result.exit_code == 3, result.output
    assert message in result.stderr
    assert result.stdout == ""

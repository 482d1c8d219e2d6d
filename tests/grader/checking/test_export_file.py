from pathlib import Path

import pytest

from grader.checking.export_file import check_reading, check_record, check_size, unread
from grader.loading.inspecting import inspect_file
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import write_sidecar
from hidden_test_spec.spec import Limits
from tests.factories import make_sidecar
from tests.hostile import call, learner, pickle_of, text, torch_file


def write_record(export: Path, *, sha256: str) -> None:
    """Write a record of an export with this hash beside it."""
    write_sidecar(make_sidecar(export=export.name, sha256=sha256), export)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A file to stand for an export."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"an export")
    return path


@pytest.mark.parametrize(
    ("size_bytes", "status"), [(1, "ok"), (2_000_000, "ok"), (2_000_001, "fault")]
)
def test_a_size_is_compared_with_the_specs_limit(size_bytes: int, status: str) -> None:
    """A fault says what to do."""
    item = check_size(size_bytes, Limits(max_model_mb=2))

    assert (item.name, item.status) == ("size", status)
    assert bool(item.advice) is (status == "fault")


def test_an_export_without_a_record_has_none_to_check(export: Path) -> None:
    """A record is optional."""
    assert check_record(export, sha256=None) == ()


def test_a_record_of_this_file_is_fine(export: Path) -> None:
    """Its hash is that of the export."""
    write_record(export, sha256=sha256_of(export))

    (item,) = check_record(export, sha256=None)

    assert (item.status, item.said) == ("ok", '"model.json" is the record of this file')


def test_a_record_of_another_file_is_a_warning(export: Path) -> None:
    """The export was written again, or the record copied from elsewhere."""
    write_record(export, sha256="ab" * 32)

    (item,) = check_record(export, sha256=None)

    assert item.status == "warning"
    assert "record of another file" in item.said


@pytest.mark.parametrize("content", [b"{}", b"no JSON", b"\xff"])
def test_a_file_that_is_no_record_is_a_warning(export: Path, content: bytes) -> None:
    """Somebody's own notes, for instance."""
    export.with_suffix(".json").write_bytes(content)

    (item,) = check_record(export, sha256=None)

    assert item.status == "warning"
    assert "not a record that pipeline wrote" in item.said


def test_an_honest_export_reads_well(sound_model: Path) -> None:
    """One line says what it is; notes are left to inspect."""
    (item,) = check_reading(inspect_file(sound_model))

    assert (item.name, item.status) == ("reading", "ok")
    assert "12 parameters" in item.said


def test_a_file_that_is_no_export_is_a_fault_with_advice(export: Path) -> None:
    """The reason and what to do are those of inspect."""
    with pytest.raises(RefusedExportError, match="is refused") as caught:
        inspect_file(export)

    item = unread(caught.value)

    assert (item.name, item.status) == ("reading", "fault")
    assert "learn.export()" in item.advice


def test_faults_of_names_stand_under_classes_and_others_under_reading(tmp_path: Path) -> None:
    """Each with its advice, and no line says that the file is fine."""
    path = tmp_path / "model.pkl"
    path.write_bytes(torch_file(pickle_of(learner(text("=1+1"), model=call("os", "getcwd")))))

    items = check_reading(inspect_file(path))

    faults = [item for item in items if item.status == "fault"]
    assert {item.name for item in faults} == {"classes", "reading"}
    assert all(item.advice for item in faults)
    assert "ok" not in {item.status for item in items}

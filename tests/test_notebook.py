"""The example notebook: its first cells are run, the rest by `nox -s notebook`."""

from pathlib import Path

import pytest

from acceptance.notebook import NOTEBOOK, QUICK, execute, read_notebook


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel keeps its history and its sockets below the test's folder."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_the_first_cells_write_and_divide_the_images(tmp_path: Path) -> None:
    """There are ten classes and three parts, in the folder where the notebook runs."""
    executed = execute(NOTEBOOK, tmp_path, only_quick=True)
    shown = executed.cells[1].outputs[0]["data"]["text/plain"]
    assert "'eight'" in shown
    assert len(executed.cells) == 3
    assert len(list((tmp_path / "work" / "images").iterdir())) == 10
    parts = {path.name for path in (tmp_path / "work" / "dataset").iterdir() if path.is_dir()}
    assert parts == {"train", "val", "test"}


def test_the_notebook_is_valid_and_holds_no_outputs() -> None:
    """The outputs depend on the machine; the quick cells come before the others."""
    notebook = read_notebook(NOTEBOOK)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    quick = [QUICK in cell.metadata.get("tags", ()) for cell in code]
    assert quick == sorted(quick, reverse=True)
    assert 0 < sum(quick) < len(quick)

"""The command behind `nox -s notebook`: runs a notebook cell by cell, as a student does."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import nbformat
import typer
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOK = Path(__file__).parents[1] / "examples" / "birds.ipynb"
QUICK = "quick"
_LIMIT_S = 1800


def main(
    *,
    out: Annotated[
        Path, typer.Option(help="Where to write the notebook with what its cells showed.")
    ] = Path("build/birds.ipynb"),
) -> None:
    """Run the whole notebook in an empty folder; an error in a cell ends it with a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        executed = execute(NOTEBOOK, Path(folder), only_quick=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(executed, out)  # type: ignore[no-untyped-call] # it has no types
    sys.stdout.write(f"{out}\n")


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in a file, validated."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call] # it has no types
    nbformat.validate(notebook)
    return notebook


def execute(path: Path, folder: Path, *, only_quick: bool) -> NotebookNode:
    """The notebook with the outputs of its cells, run in a folder by a kernel of this Python.

    Args:
        path: The notebook; the file stays as it is.
        folder: Where its cells read and write.
        only_quick: Leave out cells of code that have no tag "quick".

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails.
    """
    notebook = read_notebook(path)
    if only_quick:
        notebook.cells = [cell for cell in notebook.cells if QUICK in cell.metadata.get("tags", ())]
    client = NotebookClient(
        notebook,
        timeout=_LIMIT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    executed: NotebookNode = client.execute()
    return executed


if __name__ == "__main__":
    typer.run(main)

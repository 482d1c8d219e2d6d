"""Reads what the builders of `tests.hostile` make."""

import struct
from collections.abc import Callable
from pathlib import Path

from grader.loading.archive.container import container_of
from grader.loading.inert.nodes import InertGraph
from grader.loading.inert.reading import read_inert
from grader.loading.learner.inspection import Inspection
from tests.hostile import torch_file

Write = Callable[..., Path]

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def graph_of(pickled: bytes, storages: dict[str, bytes] | None = None) -> InertGraph:
    """The graph of a pickle inside an honest archive."""
    return graph_of_file(torch_file(pickled, storages))


def graph_of_file(data: bytes) -> InertGraph:
    """The graph of a whole file."""
    return read_inert(container_of(memoryview(data), path=Path("export.pkl")))


def reasons(inspection: Inspection) -> list[str]:
    """Why it can't be graded."""
    return [finding.what for finding in inspection.refusals]

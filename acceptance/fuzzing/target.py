"""The one function that is fuzzed: it reads an export as the grader does before it decides."""

import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from grader.loading.archive.container import read_container
from grader.loading.inert.nodes import InertGraph, TensorNode, described, walk
from grader.loading.inert.objects import (
    attributes_of,
    class_named_by,
    class_of,
    items_of,
    named_pairs_of,
)
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.inert.reading import read_inert
from grader.loading.inert.tensors import numbers_of
from grader.loading.inert.work import bounded_work
from grader.loading.refusal import RefusedExportError

_N_LINES = 3

Outcome: TypeAlias = Literal["read", "refused"]


def read_or_refuse(path: Path) -> Outcome:
    """Read a file or see it refused. Any error that escapes is a fault of the reader.

    A refusal must name the file, and what was read must answer every question about it.
    """
    try:
        with bounded_work():
            _look_at(read_inert(read_container(path)))
    except RefusedExportError as error:
        _check_message(str(error))
        return "refused"
    return "read"


def _check_message(message: str) -> None:
    """Check for three lines that a terminal shows unchanged, even with odd names from the file."""
    lines = message.split("\n")
    odd = [char for line in lines for char in line if unicodedata.category(char)[0] == "C"]
    if len(lines) != _N_LINES or odd:
        raise AssertionError(f"a message that a file's names have broken: {message!r}")


def _look_at(graph: InertGraph) -> None:
    for node in (*walk(graph.root), *graph.calls):
        described(node)
        class_of(node)
        class_named_by(node)
        attributes_of(node)
        items_of(node)
        named_pairs_of(node)
        if isinstance(node, TensorNode):
            numbers_of(node)
    with suppress(NotPlainError):
        plain_value(graph.root)

"""However a report's JSON is damaged, an error explains it, or every form can draw it."""

import copy
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, TypeAlias, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from grader.errors import BadInputError
from grader.reports.document.reading import read_report
from grader.reports.document.writing import report_json
from grader.reports.forms import render
from grader.results.editions import edition
from grader.results.presentation import Audience, FileForm
from tests.factories import make_report, make_rubric

Keys: TypeAlias = tuple[str | int, ...]
STRANGE: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1, 2**52, 0.5, -0.5, 1.5, 1e15, "", "x", "a" * 300, [], {}, [None]]
)
CLASSES = ("robin", "wren", "owl")
REPORT = make_report(
    labels=CLASSES,
    targets=(0,) * 6 + (1,) * 6,
    candidate=(0,) * 5 + (1,) * 6 + (0,),
    baseline=(1,) * 12,
    rubric=make_rubric("accuracy >= 0.9", "recall >= 0.99 in every class"),
)


@cache
def document_of(audience: Audience) -> tuple[Any, tuple[Keys, ...]]:
    """A sound document, and where everything in it stands."""
    document = json.loads(report_json(edition(REPORT, audience)))
    return document, tuple(keys_in(document))


def keys_in(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    """The way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield (*keys, key)
        if isinstance(one, (dict, list)):
            yield from keys_in(one, (*keys, key))


@st.composite
def damaged_documents(draw: st.DrawFn) -> Any:
    """A document in which one or two values are gone or are others; often of the same kind."""
    document, places = document_of(draw(st.sampled_from(get_args(Audience))))
    document = copy.deepcopy(document)
    for *way, last in draw(st.lists(st.sampled_from(places), min_size=1, max_size=2)):
        value = document
        with suppress(LookupError, TypeError):  # the first damage took the place of the second
            for key in way:
                value = value[key]
            old, new = value[last], draw(STRANGE)
            if isinstance(old, type(new)) or draw(st.integers(0, 3)) == 0:
                value[last] = new
            else:
                del value[last]
    return document


@settings(max_examples=150)
@given(damaged_documents())
def test_a_damaged_report_is_refused_or_drawn(
    tmp_path_factory: pytest.TempPathFactory, document: Any
) -> None:
    """Nothing but an expected error ends the reading, and nothing at all the drawing."""
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_text(json.dumps(document), "utf-8")
    try:
        report = read_report(path)
    except BadInputError as error:
        assert error.where == str(path)  # noqa: PT017 - either is right
        return
    Console(file=io.StringIO(), width=100).print(render(report, "text"))
    for form in get_args(FileForm):
        with suppress(BadInputError):
            assert render(report, form)

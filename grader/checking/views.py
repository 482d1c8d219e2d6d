"""What `inspect` says about an export, as rich text and as JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.loading.learner.inspection import Finding, Inspection, TransformSummary
from grader.results.preprocessing import Preprocessing
from grader.words.language import ENGLISH
from grader.words.preprocessing import preprocessing_phrases
from hidden_test_spec.errors import plain
from hidden_test_spec.images import display_name

_UNKNOWN = "unknown"
_STYLES = {"refusal": "red", "warning": "yellow"}


def inspection_json(inspection: Inspection) -> str:
    """The inspection as one JSON document, indented, ending in a newline."""
    document = {
        "path": display_name(str(inspection.path)),
        "layout": inspection.layout,
        "size_bytes": inspection.size_bytes,
        "kind": inspection.kind,
        "fastai_generation": inspection.generation,
        "versions": [asdict(version) for version in inspection.versions],
        "task": inspection.task,
        "vocab": list(inspection.vocab),
        "architecture": inspection.architecture,
        "n_parameters": inspection.n_parameters,
        "module_classes": dict(inspection.module_classes),
        "loss": inspection.loss,
        "metrics": list(inspection.metrics),
        "callbacks": list(inspection.callbacks),
        "optimizer": inspection.optimizer,
        "item_transforms": _transforms(inspection.item_transforms),
        "batch_transforms": _transforms(inspection.batch_transforms),
        "preprocessing": None
        if inspection.preprocessing is None
        else image_steps_object(inspection.preprocessing),
        "globals": list(inspection.globals),
        "findings": [asdict(finding) for finding in inspection.findings],
        "refused": bool(inspection.refusals),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _transforms(transforms: tuple[TransformSummary, ...]) -> list[dict[str, object]]:
    return [{"class": one.class_path, "attributes": dict(one.attributes)} for one in transforms]


def inspection_text(inspection: Inspection) -> RenderableType:
    """The inspection as rich text: whether it can be graded, why not, and what it is."""
    n_refusals = len(inspection.refusals)
    reasons = "this reason" if n_refusals == 1 else f"these {n_refusals} reasons"
    headline = (
        Text(f"It can't be graded, for {reasons}:", style="bold red")
        if n_refusals
        else Text("It can be graded: nothing was found against it.", style="bold green")
    )
    notes = [one for one in inspection.findings if one.severity == "note"]
    others = [one for one in inspection.findings if one.severity != "note"]
    found = [_findings(others)] if others else []
    return Group(headline, *found, Text(), _facts(inspection), *map(_note, notes))


def _grid() -> Table:
    """Names in one column and text in the other, long words broken rather than cut."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    return table


def _findings(findings: Iterable[Finding]) -> Table:
    table = _grid()
    for finding in findings:
        text = Text(_said(finding))
        if finding.advice:
            text.append(f"\nwhat to do: {plain(finding.advice)}")
        table.add_row(Text(finding.severity, style=_STYLES[finding.severity]), text)
    return table


def _note(finding: Finding) -> Text:
    return Text(f"\nNote: {_said(finding)}.", style="dim")


def _said(finding: Finding) -> str:
    where = f" ({plain(finding.where)})" if finding.where else ""
    return plain(finding.what) + where


def _facts(inspection: Inspection) -> Table:
    table = _grid()
    versions = (f"{one.library} {one.version}" for one in inspection.versions)
    rows = {
        "file": str(inspection.path),
        "size": f"{inspection.size_bytes / 1e6:.1f} MB, {inspection.layout}",
        "kind": f"{inspection.kind}, {inspection.task}",
        "fastai": inspection.generation or _UNKNOWN,
        "versions": ", ".join(versions) or _UNKNOWN,
        "architecture": inspection.architecture or _UNKNOWN,
        "parameters": f"{inspection.n_parameters:,}",
        "classes": _classes(inspection.vocab),
        "an image": _image(inspection),
        "loss": inspection.loss or _UNKNOWN,
        "metrics": ", ".join(inspection.metrics) or "none",
        "callbacks": ", ".join(inspection.callbacks) or "none",
        "optimizer": inspection.optimizer or _UNKNOWN,
    }
    for name, value in rows.items():
        table.add_row(Text(name), Text("\n".join(map(plain, value.split("\n")))))
    return table


def _classes(vocab: tuple[str, ...]) -> str:
    return f"{len(vocab)}: {', '.join(vocab)}" if vocab else "none"


def _image(inspection: Inspection) -> str:
    """What happens to an image, a line for each step; the transforms' names if that is unknown."""
    if inspection.preprocessing is not None:
        return "\n".join(image_steps_text(inspection.preprocessing))
    transforms = (*inspection.item_transforms, *inspection.batch_transforms)
    names = (one.class_path.rpartition(".")[2] for one in transforms)
    return ", then ".join(names) or _UNKNOWN


def image_steps_text(preprocessing: Preprocessing) -> Iterator[str]:
    """One phrase for each thing that happens to an image, in order."""
    return preprocessing_phrases(preprocessing, ENGLISH)


def image_steps_object(preprocessing: Preprocessing) -> dict[str, Any]:
    """The steps as values for JSON; each names its kind."""
    steps = (
        *preprocessing.image_steps,
        *preprocessing.tensor_steps,
        *preprocessing.batch_steps,
    )
    return {
        "mode": preprocessing.mode,
        "steps": [{"step": type(step).__name__, **asdict(step)} for step in steps],
        "left_out": list(preprocessing.left_out),
    }

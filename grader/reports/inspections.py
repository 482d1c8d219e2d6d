"""Renders an `Inspection`: what an export is, what it does to an image, what stands against it."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.loading.inspection import Finding, Inspection, TransformSummary
from hidden_test_spec.errors import quote

UNKNOWN = "unknown"
STYLES = {"refusal": "red", "warning": "yellow", "note": ""}


def inspection_json(inspection: Inspection) -> str:
    """The inspection as one JSON document, indented, ending in a newline."""
    document = {
        "path": str(inspection.path),
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
        "globals": list(inspection.globals),
        "findings": [asdict(finding) for finding in inspection.findings],
        "refused": bool(inspection.refusals),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _transforms(transforms: tuple[TransformSummary, ...]) -> list[dict[str, object]]:
    return [{"class": one.class_path, "attributes": dict(one.attributes)} for one in transforms]


def inspection_text(inspection: Inspection) -> RenderableType:
    """The inspection as rich text, what stands against grading first."""
    n_refusals = len(inspection.refusals)
    headline = (
        Text(f"CAN'T BE GRADED, reasons found: {n_refusals}.", style="bold red")
        if n_refusals
        else Text("Nothing that was read stands against grading it.", style="bold green")
    )
    return Group(headline, *_findings(inspection.findings), Text(), _facts(inspection))


def _findings(findings: tuple[Finding, ...]) -> Iterable[Text]:
    for finding in findings:
        where = f" ({_plain(finding.where)})" if finding.where else ""
        text = f"{finding.severity}: {_plain(finding.what)}{where}"
        yield Text(text, style=STYLES[finding.severity])
        if finding.advice:
            yield Text(f"  what to do: {_plain(finding.advice)}")


def _facts(inspection: Inspection) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, show_edge=False, pad_edge=False)
    versions = (f"{one.library} {one.version}" for one in inspection.versions)
    rows = {
        "file": str(inspection.path),
        "size": f"{inspection.size_bytes / 1e6:.1f} MB, {inspection.layout}",
        "kind": f"{inspection.kind}, {inspection.task}",
        "fastai": inspection.generation or UNKNOWN,
        "versions": ", ".join(versions) or UNKNOWN,
        "architecture": inspection.architecture or UNKNOWN,
        "parameters": f"{inspection.n_parameters:,}",
        "classes": f"{len(inspection.vocab)}: {', '.join(inspection.vocab)}",
        "each image": _pipeline(inspection.item_transforms),
        "each batch": _pipeline(inspection.batch_transforms),
        "loss": inspection.loss or UNKNOWN,
        "metrics": ", ".join(inspection.metrics) or "none",
        "callbacks": ", ".join(inspection.callbacks) or "none",
        "optimizer": inspection.optimizer or UNKNOWN,
    }
    for name, value in rows.items():
        table.add_row(Text(name), Text(_plain(value)))
    return table


def _pipeline(transforms: tuple[TransformSummary, ...]) -> str:
    names = (one.class_path.rpartition(".")[2] for one in transforms)
    return ", then ".join(names) or "nothing"


def _plain(text: str) -> str:
    """Text from a hostile file as it stands, its control characters escaped."""
    return quote(text)[1:-1]

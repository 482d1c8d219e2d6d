"""An export's inspection: what it is, what it holds, and whether it can be graded.

Reads values and records only; nothing that the file names is imported, called or set.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from grader.errors import BadInputError
from grader.loading.allowlist.drift.updating import up_to_date
from grader.loading.allowlist.module_checks import drift_findings, module_findings
from grader.loading.archive.container import Container, read_container
from grader.loading.inert.nodes import CallNode, DictNode, InertGraph, Node
from grader.loading.inert.reading import read_inert
from grader.loading.inert.work import bounded_work
from grader.loading.learner.architecture import architecture_of
from grader.loading.learner.foreign_code import code_findings
from grader.loading.learner.inspection import (
    Export,
    Finding,
    Inspection,
    Kind,
    ModuleRecord,
    Task,
    TransformSummary,
)
from grader.loading.learner.kinds import kind_of, wrong_kind
from grader.loading.learner.learner_parts import LearnerParts, parts_of_fastai1, parts_of_learner
from grader.loading.learner.module_tree import every_module, n_parameters, read_modules
from grader.loading.learner.summaries import MAX_SUMMARIES, name_of, summary_of
from grader.loading.learner.versions import fastai2_generation, library_versions
from grader.loading.learner.vocabulary import read_vocab
from grader.loading.refusal import EXPORT_AGAIN, RefusedExportError, naming
from grader.loading.transforms.fastai2 import read_preprocessing
from hidden_test_spec.errors import quote_all

_SEVERITIES = ("refusal", "warning", "note")
_BY_PICKLE = "it was written by pickle.dump or joblib.dump, not by learn.export()"
_SAID_OF_TASK: Mapping[Task, str] = MappingProxyType(
    {
        "multi-label": "it is multi-label: not a single-label classifier",
        "regression": "it predicts numbers: not a single-label classifier",
        "unknown": "it has no classes: not a single-label classifier",
    }
)

_T = TypeVar("_T")


def inspect_export(path: Path) -> Inspection:
    """Read an export and say what it is.

    Args:
        path: The file.

    Returns:
        Everything that the file shows, with reasons against grading it as findings.

    Raises:
        RefusedExportError: If the file can't be read at all: torch didn't write it, or it is broken
            or ambiguous, or does what no honest export does.
        OSError: If the file can't be opened.
    """
    with naming(path), bounded_work():
        return _inspected(path)


def _inspected(path: Path) -> Inspection:
    container = read_container(path)
    graph = _graph_of(container)
    kind = kind_of(graph.root)
    findings = [*_container_findings(container), *code_findings(graph)]
    parts = _attempt(lambda: _parts(graph.root, kind), findings)
    if parts is None:
        model = _attempt(lambda: read_modules(graph.root), []) if kind == "module" else None
        return _inspection(container, graph, _Read(kind, None, model, None, (), tuple(findings)))
    model = _attempt(lambda: read_modules(parts.model), findings)
    current = None if model is None else up_to_date(model)
    if model is not None and current is not None:
        findings.extend((*drift_findings(model), *module_findings(current)))
    vocab, faults = read_vocab(parts.vocab) if parts.task == "single-label" else ((), ())
    findings.extend((*faults, *_task_findings(parts.task)))
    read = _Read(kind, parts, model, current, vocab, tuple(findings))
    return _with_preprocessing(_inspection(container, graph, read))


def _graph_of(container: Container) -> InertGraph:
    try:
        return read_inert(container)
    except RefusedExportError as error:
        if container.layout != "pickle":
            raise
        what = f"{_BY_PICKLE} ({error.reason})"
        raise RefusedExportError(what=what, where=error.part) from error


@dataclass(frozen=True, slots=True)
class _Read:
    kind: Kind
    parts: LearnerParts | None
    model: ModuleRecord | None
    current: ModuleRecord | None  # the same, as today's libraries would have written it
    vocab: tuple[str, ...]
    findings: tuple[Finding, ...]


def _attempt(read: Callable[[], _T], findings: list[Finding]) -> _T | None:
    """The result of reading a part; or None, with its refusal added to the findings."""
    try:
        return read()
    except RefusedExportError as error:
        findings.append(
            Finding(severity="refusal", what=error.reason, where=error.part, advice=error.advice)
        )
        return None


def _parts(root: Node, kind: Kind) -> LearnerParts:
    if kind == "learner" and isinstance(root, CallNode):
        return parts_of_learner(root)
    if kind == "fastai 1 learner" and isinstance(root, DictNode):
        return parts_of_fastai1(root)
    raise wrong_kind(kind, root)


def _container_findings(container: Container) -> Iterator[Finding]:
    if container.ignored:
        yield Finding(
            severity="warning",
            what=f"the archive holds more than torch writes: {quote_all(container.ignored)}",
            where="zip",
        )
    if container.layout == "pickle":
        yield Finding(
            severity="refusal",
            what=_BY_PICKLE,
            where="file",
            advice=EXPORT_AGAIN,
        )


def _task_findings(task: Task) -> Iterator[Finding]:
    if task != "single-label":
        yield Finding(
            severity="refusal",
            what=_SAID_OF_TASK[task],
            where="learner, targets",
            advice="train a classifier with one label per image, using CategoryBlock",
        )


def _inspection(container: Container, graph: InertGraph, read: _Read) -> Inspection:
    parts, model = read.parts or LearnerParts(), read.model
    counts = Counter(module.class_path for module in every_module(model)) if model else Counter()
    return Inspection(
        path=container.path,
        layout=container.layout,
        size_bytes=container.size_bytes,
        kind=read.kind,
        generation=_generation(read.kind, graph, parts),
        versions=library_versions(graph, model),
        task=parts.task,
        vocab=read.vocab,
        architecture=architecture_of(model, parts.attributes) if model else None,
        n_parameters=n_parameters(model) if model else 0,
        module_classes=tuple(sorted(counts.items())),
        loss=None if parts.loss is None else name_of(parts.loss),
        metrics=_names(parts.metrics),
        callbacks=_names(parts.callbacks),
        optimizer=None if parts.optimizer is None else name_of(parts.optimizer),
        item_transforms=_summaries(parts.after_item),
        batch_transforms=_summaries(parts.after_batch),
        globals=tuple(sorted(name.path for name in graph.globals)),
        findings=_sorted(read.findings),
        export=_export(graph, read.current, read, parts) if read.current and read.parts else None,
        preprocessing=None,
        content=container.content,
    )


def _with_preprocessing(inspection: Inspection) -> Inspection:
    """The inspection of a classifier with what it does to an image; of other learners unchanged."""
    if inspection.export is None or inspection.task != "single-label":
        return inspection
    preprocessing, findings = read_preprocessing(inspection.export)
    return replace(
        inspection,
        preprocessing=preprocessing,
        findings=_sorted((*inspection.findings, *findings)),
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: _SEVERITIES.index(one.severity)))


def _generation(kind: Kind, graph: InertGraph, parts: LearnerParts) -> str | None:
    if kind == "learner":
        return fastai2_generation(graph, frozenset(parts.attributes))
    return "1" if kind == "fastai 1 learner" else None


def _names(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    return tuple(name_of(node) for node in nodes[:MAX_SUMMARIES])


def _summaries(nodes: tuple[Node, ...]) -> tuple[TransformSummary, ...]:
    return tuple(summary_of(node) for node in nodes[:MAX_SUMMARIES])


def _export(graph: InertGraph, model: ModuleRecord, read: _Read, parts: LearnerParts) -> Export:
    return Export(
        graph=graph,
        attributes=parts.attributes,
        data=parts.data,
        model=model,
        vocab=read.vocab,
        after_item=parts.after_item,
        before_batch=parts.before_batch,
        after_batch=parts.after_batch,
        input_transforms=parts.input_transforms,
        target_transforms=parts.target_transforms,
        loss=parts.loss,
    )


def inspect_file(path: Path) -> Inspection:
    """Say what an export is without loading it.

    Raises:
        BadInputError: If there is no such file, or it can't be read.
        RefusedExportError: If it is not an export that can be read as data.
    """
    try:
        return inspect_export(path)
    except OSError as error:
        raise BadInputError(
            what=f"The model file can't be read ({error.strerror or error})",
            where=str(path),
            advice="check the path; it must be the .pkl that learn.export() wrote",
        ) from error

"""The result of reading an export: its parts as inert records, and a summary for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from grader.loading.archive.file_kinds import Layout
from grader.loading.inert.nodes import CallNode, InertGraph, Node
from grader.results.preprocessing import Preprocessing

Kind: TypeAlias = Literal[
    "learner", "fastai 1 learner", "weights", "weights and optimizer", "module", "other"
]
Task: TypeAlias = Literal["single-label", "multi-label", "regression", "unknown"]
Severity: TypeAlias = Literal["refusal", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an instructor or student should know.

    Attributes:
        severity: A refusal means that it can't be graded; a warning is unusual; a note only
            informs.
        what: What was found, as a clause without its full stop.
        where: The part of the export.
        advice: What to do about it, without its full stop; empty for notes and warnings.
    """

    severity: Severity
    what: str
    where: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryVersion:
    """A version that the export shows, as exactly as it does, and how."""

    library: str
    version: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ModuleRecord:
    """One module of the model, as the export describes it.

    Attributes:
        path: Where it first appears, such as 0.4.1.conv1; empty for the model itself.
        class_path: Its class, as module.name.
        is_by_value: Whether the class itself is in the file, as code.
        node: The record of how it is made.
        parameters: Name and tensor, or None, in order.
        buffers: The same for tensors that are not trained.
        children: Name and module, or None, in order. One module may appear in several places.
        attributes: Every other attribute by name.
        hooks: For every hook, the name of its dictionary and the hook.
    """

    path: str
    class_path: str
    is_by_value: bool
    node: CallNode
    parameters: tuple[tuple[str, Node], ...]
    buffers: tuple[tuple[str, Node], ...]
    children: tuple[tuple[str, "ModuleRecord | None"], ...]
    attributes: Mapping[str, Node]
    hooks: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Export:
    """The parts of a learner that matter for grading, all inert.

    Attributes:
        graph: Everything that its pickle says.
        attributes: The learner's own attributes; in fastai 1 the keys of the exported dict.
        data: fastai 1's description of its data, by key; empty in fastai 2.
        model: The root of the module tree.
        vocab: Class names in the order of the model's outputs.
        after_item: Transforms of one item on the validation side, in the order in which they run;
            in fastai 1 its `tfms`.
        before_batch: The same for a list of items.
        after_batch: The same for a batch.
        input_transforms: What turns a path into an image.
        target_transforms: What turns a path into a class.
        loss: The loss function.
    """

    graph: InertGraph
    attributes: Mapping[str, Node]
    data: Mapping[str, Node]
    model: ModuleRecord
    vocab: tuple[str, ...]
    after_item: tuple[Node, ...]
    before_batch: tuple[Node, ...]
    after_batch: tuple[Node, ...]
    input_transforms: tuple[Node, ...]
    target_transforms: tuple[Node, ...]
    loss: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformSummary:
    """A transform's class and those of its attributes that are plain values, as text."""

    class_path: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Inspection:
    """What reading shows about an export. Nothing of it was imported, called or set.

    Attributes:
        path: The file.
        layout: The format of the file.
        size_bytes: Of the file.
        kind: What was saved.
        generation: The fastai versions that its markers allow, such as 2.6 to 2.7; None if unknown.
        versions: Library versions that it shows.
        task: What the learner was made for.
        vocab: Class names in order; an entry that is not a string is given as text and has a
            finding.
        architecture: The model's name; None if the file doesn't show it.
        n_parameters: Numbers that were or could be trained, each counted once.
        module_classes: Every class of module and how many there are of it, sorted.
        loss: Name of the loss; None if there is none.
        metrics: Names of the metrics.
        callbacks: Names of the callbacks.
        optimizer: Name of the optimizer; None if the file doesn't show it.
        item_transforms: What happens to one image.
        batch_transforms: What happens to a batch of them.
        globals: Every name that the pickle mentions, sorted.
        findings: Refusals first, then warnings, then notes.
        export: The parts themselves; None if some can't be found.
        preprocessing: What it does to an image; None if unknown.
        content: The whole file as it was read.
    """

    path: Path
    layout: Layout
    size_bytes: int
    kind: Kind
    generation: str | None
    versions: tuple[LibraryVersion, ...]
    task: Task
    vocab: tuple[str, ...]
    architecture: str | None
    n_parameters: int
    module_classes: tuple[tuple[str, int], ...]
    loss: str | None
    metrics: tuple[str, ...]
    callbacks: tuple[str, ...]
    optimizer: str | None
    item_transforms: tuple[TransformSummary, ...]
    batch_transforms: tuple[TransformSummary, ...]
    globals: tuple[str, ...]
    findings: tuple[Finding, ...]
    export: Export | None
    preprocessing: Preprocessing | None
    content: memoryview

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The reasons against grading it; empty if reading finds none."""
        return tuple(finding for finding in self.findings if finding.severity == "refusal")

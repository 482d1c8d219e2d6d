"""The card of one export: Markdown with Hugging Face's front matter, filled with recorded values.

Every number comes from the sidecar or from the grader; none is calculated here.
"""

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.errors import quote
from hidden_test_spec.sidecar import Sidecar, SplitRecord
from pipeline.exporting.asking_grader import Graded, GradedClass, Interval

_TEMPLATE = "model_card.md.jinja"
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~])")
_STAGES = {
    "first_stage": "first stage: a new head on a frozen body",
    "fine_tuned": "second stage: the whole network, fine-tuned",
}
_NONE = "-"
_TASK = "image-classification"


def model_card(sidecar: Sidecar, graded: Graded) -> str:
    """The card of an export, from its record and from the grader's numbers on the val part."""
    template = files("pipeline.exporting").joinpath(_TEMPLATE).read_text("utf-8")
    card = ModelCard.from_template(
        _card_data(sidecar, graded),
        template_str=template,
        **_making(sidecar, graded),
        **_learning(sidecar),
        **_results(sidecar, graded),
        limits=_limits(sidecar, graded),
    )
    return str(card.content)


def write_model_card(export: Path, sidecar: Sidecar, graded: Graded) -> Path:
    """Write the card beside its export, under the same name with the ending .md.

    Raises:
        OSError: If it can't be written.
    """
    path = export.with_suffix(".md")
    write_atomically(path, model_card(sidecar, graded).rstrip() + "\n")
    return path


def _card_data(sidecar: Sidecar, graded: Graded) -> ModelCardData:
    numbers = {"accuracy": graded.accuracy, "loss": graded.loss}
    return ModelCardData(
        library_name="fastai",
        pipeline_tag=_TASK,
        tags=[_TASK, "fastai", sidecar.architecture],
        metrics=["accuracy"],
        model_name=_title(sidecar),
        eval_results=[
            EvalResult(
                task_type=_TASK,
                dataset_type="imagefolder",
                dataset_name="the training data set",
                dataset_split="validation",
                metric_type=name,
                metric_value=number,
            )
            for name, number in numbers.items()
        ],
    )


def _making(sidecar: Sidecar, graded: Graded) -> dict[str, Any]:
    normalisation = sidecar.normalisation
    settings = dict(sidecar.settings)
    origin = sidecar.weights
    sha256 = f", sha256 `{origin.sha256}`" if origin.sha256 else ""
    return {
        "title": _title(sidecar),
        "summary": f"It tells {len(sidecar.vocab)} classes of images apart: "
        f"{', '.join(_text(label) for label in sidecar.vocab)}.",
        "architecture": f"`{sidecar.architecture}`",
        "n_parameters": f"{graded.n_parameters:,}",
        "weights": f"{_text(origin.source)}{sha256}",
        "mean": ", ".join(f"{value:g}" for value in normalisation.mean),
        "std": ", ".join(f"{value:g}" for value in normalisation.std),
        "image_size_px": sidecar.image_size_px,
        "stage": _STAGES[sidecar.stage],
        "seed": sidecar.seed,
        "export": sidecar.export,
        "record": Path(sidecar.export).with_suffix(".json").name,
        "sha256": sidecar.sha256,
        "versions": sorted(sidecar.versions.items()),
        "settings": json.dumps(settings, indent=2, sort_keys=True) if settings else "",
    }


def _learning(sidecar: Sidecar) -> dict[str, Any]:
    split = sidecar.split
    return {
        "data": _division(split),
        "counts": () if split is None else _counts(split),
        "n_images": len(sidecar.images),
        "history": [
            (
                epoch.phase.replace("_", " "),
                str(epoch.epoch + 1),
                f"{epoch.train_loss:.4f}",
                f"{epoch.valid_loss:.4f}",
                f"{epoch.accuracy:.4f}",
                f"{epoch.seconds:.1f}",
            )
            for epoch in sidecar.history
        ],
    }


def _division(split: SplitRecord | None) -> str:
    if split is None:
        return "How the images were divided into parts is not recorded."
    shares = " : ".join(f"{share:g}" for share in split.ratio)
    return (
        f"Images divided {shares} into train, val and test by {_text(split.tool)} "
        f"({_text(split.method)}, seed {split.seed})."
    )


def _counts(split: SplitRecord) -> list[tuple[str, ...]]:
    return [
        (_text(label), *(str(parts.get(part, 0)) for part in ("train", "val", "test")))
        for label, parts in sorted(split.counts.items())
    ]


def _results(sidecar: Sidecar, graded: Graded) -> dict[str, Any]:
    share = f"{graded.accuracy:.4f} ({graded.n_correct} of {graded.n_scored})"
    return {
        "level": f"{graded.level:.0%}",
        "results": (
            ("Accuracy", share, _interval(graded.accuracy_interval)),
            ("Loss (cross-entropy, nats)", f"{graded.loss:.4f}", _interval(graded.loss_interval)),
        ),
        "per_class": [_class_row(one) for one in graded.per_class],
        "verified": _verified(sidecar),
    }


def _class_row(one: GradedClass) -> tuple[str, ...]:
    return (
        _text(one.label),
        str(one.support),
        _number(one.recall),
        _interval(one.recall_interval),
        _number(one.precision),
        _interval(one.precision_interval),
    )


def _verified(sidecar: Sidecar) -> str:
    if sidecar.verified is None:
        return "Nobody has verified that the export does what it did in training."
    return (
        f"The export is verified: loaded back by {sidecar.verified.tool} on "
        f"{sidecar.verified.device}, it has the loss and the accuracy that training recorded."
    )


def _limits(sidecar: Sidecar, graded: Graded) -> Iterable[str]:
    yield (
        "The epoch was chosen by the val part, so the numbers above flatter the model. Only "
        "images that played no part in that choice show what it is worth."
    )
    yield (
        f"{graded.n_scored} images are behind them; the intervals show how little that is. They "
        "hold for images from the same sources."
    )
    yield (
        f"It knows {len(sidecar.vocab)} classes, and names one of them for any image, even for one "
        "that shows something else."
    )
    yield "Licences of the photos and of the starting weights are not recorded here; check both."


def _title(sidecar: Sidecar) -> str:
    return f"{sidecar.architecture} for {len(sidecar.vocab)} classes ({sidecar.stage})"


def _interval(interval: Interval) -> str:
    return _NONE if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}"


def _number(number: float | None) -> str:
    return _NONE if number is None else f"{number:.4f}"


def _text(name: str) -> str:
    """A name escaped for Markdown, so that nothing in it makes a table, a link or HTML."""
    return _MARKDOWN.sub(r"\\\1", quote(name)[1:-1])

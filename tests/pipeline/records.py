"""Records of exports and numbers of the grader, as small values."""

from typing import Any

from hidden_test_spec.sidecar import (
    Epoch,
    Measured,
    Normalisation,
    Sidecar,
    SplitRecord,
    TrainingImage,
    WeightsOrigin,
)
from pipeline.exporting.asking_grader import Graded

SHA = "a" * 64
VAL_IMAGE = "b" * 64
VOCAB = ("robin", "wren")


def sidecar_of(**changes: Any) -> Sidecar:
    """The record of an export with four images in val, three of them named correctly."""
    record = Sidecar(
        export="fine_tuned.pkl",
        sha256=SHA,
        stage="fine_tuned",
        vocab=VOCAB,
        architecture="resnet18",
        weights=WeightsOrigin(source="torchvision ResNet18_Weights.IMAGENET1K_V1", sha256=SHA),
        normalisation=Normalisation(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
        image_size_px=224,
        seed=5,
        versions={"fastai": "2.8.12", "torch": "2.14.1"},
        split=SplitRecord(
            tool="split-folders 0.6.1",
            method="strict-document",
            seed=5,
            ratio=(0.7, 0.15, 0.15),
            counts={"robin": {"train": 9, "val": 2, "test": 2}, "wren": {"train": 8, "val": 2}},
        ),
        history=(
            Epoch(
                phase="first_stage",
                epoch=0,
                train_loss=0.9,
                valid_loss=0.5,
                accuracy=0.75,
                seconds=2.0,
            ),
        ),
        images=tuple(
            TrainingImage(part="val", sha256=f"{number}" + VAL_IMAGE[1:], phash=None)
            for number in range(4)
        ),
        settings={"recipe": "best", "n_epochs": 1},
        validation=Measured(n_images=4, loss=0.5, accuracy=0.75),
    )
    return record.model_copy(update=changes)


def graded_of(**changes: Any) -> Graded:
    """What the grader reports for that export, on the same images."""
    metrics = {
        "n_scored": 4,
        "n_correct": 3,
        "accuracy": 0.75,
        "accuracy_interval": (0.3006, 0.9544),
        "loss": 0.5,
        "loss_interval": (0.2, 0.9),
    }
    found = Graded.model_validate(
        {
            "model": {"sha256": SHA, "provenance": {"n_parameters": 11_705_410}},
            "statistics": {"level": 0.95},
            "metrics": metrics,
            "engine": {"device": "cpu"},
            "per_class": [class_of("robin", precision=0.6667), class_of("wren", precision=None)],
            "test_set": {
                "images": [{"sha256": image.sha256} for image in sidecar_of().images],
            },
        }
    )
    return found.model_copy(update=changes)


def class_of(label: str, *, precision: float | None) -> dict[str, Any]:
    """One class of a report, with two images."""
    return {
        "label": label,
        "support": 2,
        "recall": 0.5,
        "recall_interval": (0.0945, 0.9055),
        "precision": precision,
        "precision_interval": None if precision is None else (0.2, 0.9),
    }

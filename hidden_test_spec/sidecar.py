"""The record beside an export: where it came from, and which photos it has seen.

A sidecar is written by the person who trained the model. It informs; no grade depends on it.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.regular_files import read_regular

# That of 50,000 images; JSON of this size takes up to 500 MiB of memory.
MAX_SIDECAR_BYTES = 8 * 2**20

Part = Literal["train", "val", "test"]
Stage = Literal["first_stage", "fine_tuned"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_PerceptualHash = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WeightsOrigin(_Frozen):
    """Where the body's starting weights came from; sha256 is None where there is no file."""

    source: str
    sha256: Sha256 | None


class Normalisation(_Frozen):
    """Per-channel mean and standard deviation, for images in [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


class SplitRecord(_Frozen):
    """How a data set was divided, and how many images each part of each class got."""

    tool: str
    method: str
    seed: int
    ratio: tuple[float, float, float]
    counts: dict[str, dict[Part, int]]


class Epoch(_Frozen):
    """One line of a training history. Losses are means in nats."""

    phase: Literal["first_stage", "fine_tune_frozen", "fine_tune"]
    epoch: int
    train_loss: float
    valid_loss: float
    accuracy: float
    seconds: float


class Measured(_Frozen):
    """A model's loss on the val part, as plain cross-entropy in nats, and its accuracy there."""

    n_images: int
    loss: float
    accuracy: float


class ExportProof(_Frozen):
    """Evidence that an export, loaded back by another program, does what it did in training."""

    tool: str = Field(description="Program and version that loaded and measured the export.")
    device: str
    measured: Measured


class TrainingImage(_Frozen):
    """One image of the data set, by its hashes only: never by its name or label."""

    part: Part
    sha256: Sha256
    phash: _PerceptualHash | None = Field(
        description="64-bit perceptual hash of imagehash; None where the image can't be decoded."
    )


class Sidecar(_Frozen):
    """Everything that is recorded of one export."""

    schema_version: Literal[1] = 1
    export: str = Field(description="File name of the export.")
    sha256: Sha256 = Field(description="Of the export.")
    stage: Stage
    vocab: tuple[str, ...]
    architecture: str
    weights: WeightsOrigin
    normalisation: Normalisation
    image_size_px: int
    seed: int
    versions: dict[str, str]
    split: SplitRecord | None = Field(description="None where the data set carries no record.")
    history: tuple[Epoch, ...]
    images: tuple[TrainingImage, ...]
    settings: dict[str, JsonValue] = Field(
        default={}, description="All settings of the training, by name."
    )
    validation: Measured | None = Field(
        default=None, description="By the learner, as it was exported; None in older records."
    )
    verified: ExportProof | None = Field(
        default=None, description="None where nobody has verified the export."
    )


def sidecar_path(export: Path) -> Path:
    """The path of an export's sidecar: the same name with the ending .json."""
    return export.with_suffix(".json")


def write_sidecar(sidecar: Sidecar, export: Path) -> Path:
    """Write a sidecar beside its export and return its path.

    Raises:
        OSError: If it can't be written.
    """
    path = sidecar_path(export)
    write_atomically(path, sidecar.model_dump_json(indent=2) + "\n")
    return path


def read_sidecar(export: Path) -> Sidecar:
    """Read the sidecar of an export.

    Raises:
        OSError: If there is none, or it is a link, no regular file, or larger than any sidecar.
        pydantic.ValidationError: If the file is not a sidecar.
    """
    content = read_regular(sidecar_path(export), max_bytes=MAX_SIDECAR_BYTES)
    return Sidecar.model_validate_json(content.decode("utf-8"))

"""What is known about a model: facts about its file, and the record beside it."""

from dataclasses import dataclass

from grader.results.preprocessing import Preprocessing


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """What the record beside an export says. Whoever trained it wrote that; no score depends on it.

    Attributes:
        stage: Of the training.
        weights: Where the starting weights came from.
        seed: Of the training.
        image_size_px: Side of the images in training.
        n_images: Images of the data set, by part: train, val and test.
    """

    stage: str
    weights: str
    seed: int
    image_size_px: int
    n_images: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a model comes from, as far as its file and the record beside it show.

    Attributes:
        size_bytes: Of the file.
        n_parameters: Numbers that were or could be trained.
        generation: The fastai version, as far as markers show; None if unknown.
        versions: Library versions that show in the file.
        preprocessing: What it does to an image.
        record: The record beside the export; None if there is none for this exact file.
    """

    size_bytes: int
    n_parameters: int
    generation: str | None
    versions: tuple[tuple[str, str], ...]
    preprocessing: Preprocessing
    record: TrainingRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """Which model was graded. `vocab` is the model's own, in the order of its outputs."""

    path: str
    sha256: str
    architecture: str
    vocab: tuple[str, ...]
    provenance: Provenance

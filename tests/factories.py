"""Builders of small results, specs and test folders; every argument has a plain default."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grader.results.answers import Engine, Predictions, TestImage
from grader.results.models import ModelInfo, Provenance
from grader.results.preprocessing import Preprocessing, ResizeImage, Standardize, ToFloat
from grader.results.report import (
    Evidence,
    GradeReport,
    ImageRecord,
    Notice,
    SpecInfo,
    TestSetSummary,
)
from grader.results.scores import Statistics
from grader.scoring.comparison import Pairing, ScoredModel, compare
from grader.scoring.metrics import score
from grader.scoring.rubric import judge
from hidden_test_spec.sidecar import Normalisation, Sidecar, TrainingImage, WeightsOrigin
from hidden_test_spec.spec import ClassSpec, Criterion, Limits, Rubric, Spec

LABELS = ("robin", "wren")
CONFIDENCE = 0.75
# Few resamples: a test of a renderer needs no more.
STATISTICS = Statistics(n_resamples=50)


def make_rubric(*rules: str, points: float = 1.0, pass_points: float | None = None) -> Rubric:
    """A rubric whose criteria are all worth the same number of points."""
    criteria = tuple(Criterion(rule=rule, points=points) for rule in rules)
    return Rubric(criteria=criteria, pass_points=pass_points)


def make_spec(
    *,
    labels: Sequence[str] = LABELS,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    limits: Limits | None = None,
) -> Spec:
    """A spec with these classes and one rule about accuracy."""
    names = aliases or {}
    return Spec(
        name="small",
        version="1.0.0",
        classes=tuple(
            ClassSpec(label=label, aliases=names.get(label, ()), queries=(label,))
            for label in labels
        ),
        limits=limits or Limits(),
        rubric=make_rubric("accuracy >= 0.5"),
    )


def make_model(name: str = "candidate.pkl", *, vocab: tuple[str, ...] = LABELS) -> ModelInfo:
    """Facts about a model that doesn't exist."""
    return ModelInfo(
        path=f"models/{name}",
        sha256="ab" * 32,
        architecture="resnet18",
        vocab=vocab,
        provenance=make_provenance(),
    )


def make_provenance() -> Provenance:
    """A file from fastai 2.8 that resizes photos to 224 px and normalises them."""
    return Provenance(
        size_bytes=47_000_000,
        n_parameters=11_178_051,
        generation="2.8",
        versions=(("fastai", "2.8.12"),),
        preprocessing=Preprocessing(
            mode="RGB",
            image_steps=(
                ResizeImage(
                    size=(224, 224),
                    method="crop",
                    pad_mode="reflection",
                    resample=2,
                    skips_single_pixel=False,
                ),
            ),
            tensor_steps=(ToFloat(divisor=255.0),),
            batch_steps=(Standardize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),),
            left_out=(),
        ),
        record=None,
    )


def make_sidecar(
    *, export: str = "candidate.pkl", sha256: str, images: tuple[TrainingImage, ...] = ()
) -> Sidecar:
    """The record of an export with this hash, which was trained on these images."""
    return Sidecar(
        export=export,
        sha256=sha256,
        stage="fine_tuned",
        vocab=LABELS,
        architecture="resnet18",
        weights=WeightsOrigin(source="random", sha256=None),
        normalisation=Normalisation(mean=(0.5,), std=(0.25,)),
        image_size_px=64,
        seed=5,
        versions={},
        split=None,
        history=(),
        images=images,
    )


def as_targets(indices: Sequence[int]) -> NDArray[np.intp]:
    """Class indices as an array."""
    return np.array(indices, dtype=np.intp)


def make_predictions(
    predicted: Sequence[int],
    *,
    labels: tuple[str, ...] = LABELS,
    vocab_labels: tuple[str, ...] | None = None,
) -> Predictions:
    """Predictions that give the named class 0.75 and every other one the same share of the rest."""
    probabilities = np.full((len(predicted), len(labels)), (1 - CONFIDENCE) / (len(labels) - 1))
    probabilities[np.arange(len(predicted)), as_targets(predicted)] = CONFIDENCE
    return Predictions(
        labels=labels,
        vocab_labels=labels if vocab_labels is None else vocab_labels,
        log_probabilities=np.log(probabilities),
        predictions=as_targets(predicted),
    )


def never_asked(row: int) -> str:
    """Stands in for the hash of a row's image if no classes tie."""
    raise AssertionError(f"the image of row {row} was hashed without a tie")


def make_scored(
    predicted: Sequence[int],
    targets: Sequence[int],
    *,
    labels: tuple[str, ...] = LABELS,
    name: str = "candidate.pkl",
    n_images: int | None = None,
    statistics: Statistics = STATISTICS,
) -> ScoredModel:
    """A model that made these predictions, with its scores."""
    predictions = make_predictions(predicted, labels=labels)
    return ScoredModel(
        info=make_model(name, vocab=labels),
        predictions=predictions,
        scores=score(
            predictions,
            as_targets(targets),
            n_images=n_images or len(targets),
            statistics=statistics,
        ),
    )


def make_images(targets: Sequence[int], *, labels: tuple[str, ...]) -> tuple[TestImage, ...]:
    """Names of images: robin/0.png, robin/1.png, ...; there are no files behind them."""
    names = [(f"{labels[target]}/{row}.png", labels[target]) for row, target in enumerate(targets)]
    return tuple(
        TestImage(path=Path(name), name=name, label=label, sha256="0" * 64, header=None)
        for name, label in names
    )


def make_records(targets: Sequence[int], *, labels: tuple[str, ...]) -> tuple[ImageRecord, ...]:
    """Readable images with the names of `make_images`, and a hash for each."""
    return tuple(
        ImageRecord(name=image.name, label=image.label, sha256=f"{number:064x}", unreadable=None)
        for number, image in enumerate(make_images(targets, labels=labels))
    )


def make_report(
    *,
    labels: tuple[str, ...] = LABELS,
    targets: Sequence[int] = (0, 0, 1, 1),
    candidate: Sequence[int] = (0, 1, 1, 1),
    baseline: Sequence[int] | None = None,
    rubric: Rubric | None = None,
    unreadable: tuple[ImageRecord, ...] = (),
    other_files: tuple[str, ...] = (),
    notices: tuple[Notice, ...] = (),
) -> GradeReport:
    """A report on these targets and predictions; unreadable images come first."""
    scored = make_records(targets, labels=labels)
    models = [
        make_scored(predicted, targets, labels=labels, name=name)
        for name, predicted in (("candidate.pkl", candidate), ("baseline.pkl", baseline))
        if predicted is not None
    ]
    comparison = None
    if baseline is not None:
        pairing = Pairing(
            images=scored, targets=as_targets(targets), n_images=len(scored), statistics=STATISTICS
        )
        comparison = compare(models[1], models[0], pairing)
    verdicts, grade = ((), None) if rubric is None else judge(rubric, models[0].scores, comparison)
    return GradeReport(
        audience="instructor",
        model=models[0].info,
        spec=None if rubric is None else SpecInfo(name="small", version="1.0.0"),
        statistics=STATISTICS,
        test_set=TestSetSummary(
            path="photos",
            classes=labels,
            n_images=len(scored) + len(unreadable),
            n_unreadable=len(unreadable),
            n_counted=len(scored),
            n_photos=len(scored),
            n_effective=float(len(scored)),
            n_other_files=len(other_files),
            n_rotated=0,
        ),
        scores=models[0].scores,
        comparison=comparison,
        verdicts=verdicts,
        grade=grade,
        engine=make_engine(),
        notices=notices,
        evidence=Evidence(
            images=(*unreadable, *scored),
            other_files=other_files,
            predictions=models[0].predictions,
            baseline_predictions=None if baseline is None else models[1].predictions,
        ),
    )


def make_engine() -> Engine:
    """A run of half a second on the CPU."""
    return Engine(
        device="cpu",
        precision="float32",
        backend="torch",
        wall_s=0.5,
        images_per_s=8.0,
        n_regraded=4,
        largest_change=2.5e-7,
        versions=(("python", "3.11.7"), ("torch", "2.6.0")),
    )


def draw_image(path: Path, *, side_px: int = 8, seed: int = 0) -> Path:
    """Write one image of random pixels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def draw_folder(root: Path, n_by_folder: Mapping[str, int]) -> Path:
    """Write a test folder with this many images in each class folder; a folder may be empty."""
    for folder, n_images in n_by_folder.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(n_images):
            draw_image(root / folder / f"{number}.png", seed=number)
    return root

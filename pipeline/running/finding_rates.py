"""A check before training: how high rates may be, and what a batch looks like to the network."""

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.folders import new_folder
from pipeline.progress import Report, step
from pipeline.running.record import check_place
from pipeline.splitting.dataset import read_dataset
from pipeline.training.learners import build_learner
from pipeline.training.pictures import draw_batch, draw_rates, picture_of
from pipeline.training.previews import preview_batch
from pipeline.training.rate_trial import RateTrial, find_rates
from pipeline.training.settings import TrainingSettings
from pipeline.training.weights.weights import choose_architecture, load_weights

_N_IMAGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBeforeTraining:
    """The results of a look before training, as values and files.

    Attributes:
        trial: The losses by rate, and what they suggest.
        plot: The losses as a picture.
        table: The losses as CSV.
        batch: Images as the network gets them in training.
    """

    trial: RateTrial
    plot: Path
    table: Path
    batch: Path


def look_before_training(
    dataset: Path, out: Path, settings: TrainingSettings, *, n_batches: int, report: Report
) -> LookBeforeTraining:
    """Try rising rates on a new head, and write the results into a new folder.

    Raises:
        PipelineError: If the data set, the settings or the machine don't allow it; in that case
            nothing is left behind.
    """
    check_place(out, dataset)
    with step("Reading and hashing the data set", report):
        found = read_dataset(dataset, report)
    architecture = choose_architecture(settings, report)
    weights = load_weights(architecture, settings.weights, report)
    with new_folder(out) as partial:
        learner = build_learner(found, settings, architecture, weights, partial)
        preview = preview_batch(learner, n_images=_N_IMAGES)
        picture_of(draw_batch(preview)).write(partial / "batch.png")
        with step(f"Trying rates on {architecture.name}", report):
            trial = find_rates(learner, n_batches=n_batches, report=report)
        picture_of(draw_rates(trial)).write(partial / "rates.png")
        _write_table(partial / "rates.csv", trial)
        shutil.rmtree(partial / "models", ignore_errors=True)
    return LookBeforeTraining(
        trial=trial, plot=out / "rates.png", table=out / "rates.csv", batch=out / "batch.png"
    )


def _write_table(path: Path, trial: RateTrial) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("rate", "loss"))
        writer.writerows(zip(trial.rates, trial.losses, strict=True))

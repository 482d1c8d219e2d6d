"""The committed table of experiments: one row for each, appended at once, never run twice."""

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

TABLE = Path(__file__).parents[2] / "docs" / "experiments.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One trained model, measured on images used neither to train it nor to choose anything.

    Attributes:
        experiment: What was tried.
        architecture: Of the network.
        seed: Of the folds and of training.
        fold: The held-out fold, from 0.
        n_held: Images in it.
        first_loss: Of the first stage, in nats.
        first_accuracy: Of the first stage.
        loss: Of the fine-tuned model, in nats; None where there was no second stage.
        accuracy: Of the fine-tuned model.
        seconds: Wall time of training.
    """

    experiment: str
    architecture: str
    seed: int
    fold: int
    n_held: int
    first_loss: float
    first_accuracy: float
    loss: float | None
    accuracy: float | None
    seconds: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies an experiment."""
        return self.experiment, self.architecture, str(self.seed), str(self.fold)


def done(table: Path = TABLE) -> set[tuple[str, str, str, str]]:
    """The keys of the rows that the table holds."""
    if not table.exists():
        return set()
    with table.open(encoding="utf-8", newline="") as stream:
        return {
            (one["experiment"], one["architecture"], one["seed"], one["fold"])
            for one in csv.DictReader(stream)
        }


def append(row: Row, table: Path = TABLE) -> None:
    """Add a row to the table, which begins with the names of its columns."""
    is_new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [one.name for one in fields(Row)], lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(
            {
                name: f"{value:.4f}" if isinstance(value, float) else value
                for name, value in asdict(row).items()
            }
        )

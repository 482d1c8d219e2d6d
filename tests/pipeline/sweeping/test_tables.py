"""Sweeps as Markdown and CSV."""

import csv
import io

from pipeline.sweeping.tables import as_csv, as_markdown
from pipeline.sweeping.values import ArchitectureRow, LookAtTest, Numbers, SeedMean, SweepRun

GOOD = ArchitectureRow(
    architecture="resnet18",
    is_chosen=True,
    n_done=2,
    n_failed=1,
    n_parameters=11_705_410,
    epoch_s=SeedMean(mean=12.34, interval=(11.0, 13.68)),
    training_s=SeedMean(mean=250.4, interval=None),
    val_loss=SeedMean(mean=0.25, interval=(0.2, 0.3)),
    val_accuracy=SeedMean(mean=0.925, interval=(0.9, 0.95)),
    test_loss=None,
    test_accuracy=None,
)
BROKEN = ArchitectureRow(
    architecture="vgg16",
    is_chosen=False,
    n_done=0,
    n_failed=3,
    n_parameters=None,
    epoch_s=None,
    training_s=None,
    val_loss=None,
    val_accuracy=None,
    test_loss=None,
    test_accuracy=None,
)
FAILED = SweepRun(architecture="vgg16", seed=0, problem='no memory\n for "vgg16"')
DONE = SweepRun(
    architecture="resnet18",
    seed=1,
    n_parameters=10,
    epoch_s=2.5,
    training_s=20.0,
    val=Numbers(loss=0.2, accuracy=0.9),
)


def test_a_table_shows_means_with_their_intervals() -> None:
    """The chosen architecture is bold, undefined values are a dash, and failed runs are counted."""
    lines = as_markdown([GOOD, BROKEN], [DONE, FAILED]).splitlines()
    assert lines[2].startswith(
        "| Architecture | Parameters | Epoch (s) | Training (s) | Val loss |"
    )
    assert lines[4] == (
        "| **resnet18** | 11,705,410 | 12.3 (11.0 to 13.7) | 250 | 0.2500 (0.2000 to 0.3000) "
        "| 0.9250 (0.9000 to 0.9500) | - | - | 2, 1 failed |"
    )
    assert lines[5] == "| vgg16 | - | - | - | - | - | - | - | 0, 3 failed |"


def test_a_table_says_what_was_chosen_and_what_failed() -> None:
    """It mentions test only if test was used."""
    text = as_markdown([GOOD, BROKEN], [DONE, FAILED])
    assert "before the test part was used: resnet18." in text
    assert '- vgg16, seed 0: no memory for "vgg16"\n' in text
    assert "was used once" not in text
    assert "so none is chosen" in as_markdown([BROKEN], [FAILED])


def test_a_table_after_the_look_says_that_it_was_the_only_one() -> None:
    """It says that no run was trained after test was used."""
    looked = SeedMean(mean=0.3, interval=None)
    row = ArchitectureRow(
        **{name: getattr(GOOD, name) for name in GOOD.__slots__ if not name.startswith("test")},
        test_loss=looked,
        test_accuracy=looked,
    )
    text = as_markdown([row], [DONE])
    assert "The test part was used once, after the choice" in text
    assert "## Runs that failed" not in text


def test_csv_has_a_line_for_each_run() -> None:
    """It has test's numbers if they are known, and the problem if there was one."""
    look = LookAtTest(architecture="resnet18", seed=1, test=Numbers(loss=0.4, accuracy=0.8))
    first, second = csv.DictReader(io.StringIO(as_csv([DONE, FAILED], [look])))
    assert (first["val_loss"], first["test_loss"], first["problem"]) == ("0.2", "0.4", "")
    assert (first["epoch_s"], first["n_parameters"]) == ("2.5", "10")
    assert (second["architecture"], second["val_loss"]) == ("vgg16", "")
    assert second["problem"] == FAILED.problem

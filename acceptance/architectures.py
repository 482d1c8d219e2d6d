"""The command behind `nox -s architectures`: each network is trained, exported and graded.

Weights are random and images are few: this only tests whether a body can be cut, trained in both
stages, exported, and rebuilt by the grader to the same numbers. Nothing is learned.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from hidden_test_spec.sidecar import read_sidecar
from pipeline.errors import PipelineError
from pipeline.exporting.verifying import is_same_loss
from pipeline.running.run import train
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Device, TrainingSettings, Weights
from pipeline.training.weights.architectures import find_architecture
from tests.pipeline.drawing import draw_dataset, silent

# Enough for every network that takes any size.
SIDE_PX = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An architecture, and the size of the images that it is tried on."""

    name: str
    side_px: int = SIDE_PX


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result for one architecture; it is good if there are no problems."""

    case: Case
    n_parameters: int | None
    wall_s: float
    problems: tuple[str, ...]


CASES = (
    Case(name="resnet152"),
    Case(name="resnext101_64x4d"),
    Case(name="resnext101_32x8d"),
    Case(name="resnext50_32x4d"),
    Case(name="googlenet"),
    Case(name="inception_v3", side_px=299),
    Case(name="vgg16"),
    Case(name="vgg16_bn"),
    Case(name="vgg19"),
    Case(name="vgg19_bn"),
    Case(name="alexnet"),
    Case(name="densenet121"),
    Case(name="densenet161"),
    Case(name="densenet169"),
    Case(name="densenet201"),
    Case(name="resnet18"),
    Case(name="resnet34"),
    Case(name="resnet50"),
    Case(name="resnet101"),
    Case(name="wide_resnet50_2"),
    Case(name="squeezenet1_1"),
    Case(name="convnext_tiny"),
    Case(name="convnext_atto"),
    Case(name="efficientnet_b0"),
    Case(name="tf_efficientnet_lite0"),
    Case(name="tf_efficientnet_lite1"),
    Case(name="tf_efficientnet_lite2"),
    Case(name="vit_tiny_patch16_224", side_px=224),
    Case(name="vit_small_patch16_224", side_px=224),
)


def main(
    *,
    only: Annotated[str, typer.Option(help="Only architectures whose name holds this.")] = "",
    recipe: Annotated[str, typer.Option(help="How they are trained.")] = "best",
) -> None:
    """Try every architecture; exit with 1 if one can't be trained, exported and graded."""
    cases = [case for case in CASES if only in case.name]
    if not cases:
        raise typer.BadParameter(f"no architecture's name holds {only!r}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        dataset = draw_dataset(Path(folder) / "dataset")
        for case in track(cases, "architectures", console=Console(stderr=True)):
            out = Path(folder) / case.name
            outcomes.append(try_architecture(case, dataset, out, recipe=recipe))
            console.print(_line(outcomes[-1]), markup=False)
    console.print(_table(outcomes))
    if any(outcome.problems for outcome in outcomes):
        raise typer.Exit(1)


def try_architecture(case: Case, dataset: Path, out: Path, *, recipe: str) -> Outcome:
    """Train one network from random weights for one batch in each stage, and grade both exports."""
    start = time.perf_counter()
    settings = TrainingSettings(
        recipe=read_recipe(recipe),
        architecture=case.name,
        weights=Weights.RANDOM,
        image_size_px=case.side_px,
        n_epochs=1,
        n_fine_tune_epochs=1,
        device=Device.CPU,
    )
    try:
        run = train(dataset, out, settings, silent)
    except PipelineError as error:
        return _outcome(case, start, problems=(str(error),))
    command = [sys.executable, "-m", "grader", "evaluate", str(run.fine_tuned)]
    command += ["--baseline", str(run.first_stage), "--data", str(dataset / "val")]
    done = subprocess.run(
        [*command, "--device", "cpu", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return _outcome(case, start, problems=(f"the grader: {done.stderr.strip()}",))
    report = json.loads(done.stdout)
    return _outcome(
        case,
        start,
        n_parameters=report["model"]["provenance"]["n_parameters"],
        problems=tuple(_problems(case, run.fine_tuned, report)),
    )


def _outcome(
    case: Case, start: float, *, problems: tuple[str, ...], n_parameters: int | None = None
) -> Outcome:
    wall_s = time.perf_counter() - start
    return Outcome(case=case, n_parameters=n_parameters, wall_s=wall_s, problems=problems)


def _problems(case: Case, export: Path, report: dict[str, Any]) -> Iterable[str]:
    """How the rebuilt network differs from the trained one."""
    recorded = read_sidecar(export)
    if recorded.architecture != case.name:
        yield f"the record names {recorded.architecture}"
    if report["comparison"] is None:
        yield "the first stage was not compared"
    found = report["metrics"]["loss"]
    expected = recorded.validation
    if expected is None or not is_same_loss(found, expected.loss):
        yield f"the grader's val loss is {found}, and training's {expected}"
    wanted = find_architecture(case.name).normalisation
    steps = report["model"]["provenance"]["preprocessing"]["batch_steps"]
    (settings,) = [step["settings"] for step in steps if step["step"] == "Standardize"] or [{}]
    used = settings.get("mean"), settings.get("std")
    if used != (pytest.approx(wanted.mean), pytest.approx(wanted.std)):
        yield f"images are normalised by {used}, and the weights were by {wanted}"


def _line(outcome: Outcome) -> str:
    verdict = "; ".join(outcome.problems) or "as it should be"
    return f"{outcome.case.name} ({outcome.wall_s:.0f} s): {verdict}"


def _table(outcomes: Iterable[Outcome]) -> Table:
    table = Table("architecture", "side (px)", "parameters", "time (s)", "outcome")
    for one in outcomes:
        parameters = "-" if one.n_parameters is None else f"{one.n_parameters:,}"
        verdict = "FAILED" if one.problems else "ok"
        table.add_row(
            one.case.name, str(one.case.side_px), parameters, f"{one.wall_s:.0f}", verdict
        )
    return table


if __name__ == "__main__":
    typer.run(main)

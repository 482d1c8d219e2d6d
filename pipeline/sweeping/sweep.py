"""Sweeps: train each architecture with each seed, choose by val, then measure on test once.

Every run is a separate process, so one that fails doesn't affect the others. Results are written at
once: a sweep that was stopped goes on where it stopped, and runs that failed are tried again. Once
test has been used, nothing more is trained.
"""

import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from subprocess import DEVNULL, PIPE, Popen

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.sidecar import read_sidecar
from pipeline.errors import BadInputError, FileAccessError, InterruptionError
from pipeline.exporting.asking_grader import ask_grader
from pipeline.exporting.errors import GradingError
from pipeline.folders import check_outside
from pipeline.progress import Report, step
from pipeline.splitting.dataset import Dataset, read_dataset
from pipeline.sweeping.folder import SweepFolder
from pipeline.sweeping.plot import draw_sweep
from pipeline.sweeping.tables import as_csv, as_markdown
from pipeline.sweeping.values import (
    ArchitectureRow,
    ChosenArchitecture,
    LookAtTest,
    Numbers,
    SweepPlan,
    SweepRun,
    choose,
    summarise,
)
from pipeline.training.pictures import picture_of
from pipeline.training.weights.architectures import find_architecture

_LINES_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The results of a sweep: its table as values and as files."""

    rows: tuple[ArchitectureRow, ...]
    table: Path
    runs: Path
    plot: Path


def sweep(dataset: Path, out: Path, plan: SweepPlan, *, device: str, report: Report) -> Sweep:
    """Do what is left of a plan, and write its table, its runs and its plot into `out`.

    Args:
        dataset: A divided data set.
        out: A new folder, or that of the same plan.
        plan: What to do.
        device: Where the grader measures.
        report: Who listens to progress.

    Raises:
        UsageError: If an architecture has no such name, or if `out` lies in the data set; in that
            case nothing is trained.
        BadInputError: With everything that is wrong with the data set, if `out` is taken by
            something else, if it is taken by a sweep with another plan, if its records are damaged,
            or if no run left an export; the table is still written then.
        InterruptionError: If the user stopped it.
        GradingError: If an export that val could measure can't be measured on test.
        FileAccessError: If a file can't be written.
    """
    for name in plan.architectures:
        find_architecture(name)
    check_outside(out, dataset)
    folder = SweepFolder(root=out)
    try:
        folder.claim(plan)
        choice = folder.choice() if folder.looks() else None
        if choice is None:
            _train_all(dataset, folder, plan, device=device, report=report)
            choice = choose(plan, folder.finished())
        if choice.architecture is not None:
            folder.add_choice(choice)
            if (dataset / "test").is_dir():
                _look_at_test(dataset, folder, device=device, report=report)
        found = _write(folder, plan, choice)
        _check_finished(folder)
    except KeyboardInterrupt:
        raise InterruptionError(
            what="Interrupted; the runs that are finished are kept",
            where=str(out),
            advice="run the same command again to go on with the rest",
        ) from None
    except OSError as error:
        where = Path(error.filename) if error.filename else out
        raise FileAccessError.of(error, path=where) from error
    return found


def plan_sweep(
    dataset: Path,
    architectures: tuple[str, ...],
    *,
    n_seeds: int,
    options: tuple[str, ...],
    report: Report,
) -> SweepPlan:
    """The plan for a data set: each architecture with the seeds 0, 1, 2 and so on.

    Args:
        dataset: A divided data set.
        architectures: Names of torchvision or timm.
        n_seeds: How many times each of them is trained.
        options: Options of `pipeline train` besides architecture and seed.
        report: Who listens to progress.

    Raises:
        BadInputError: With everything that is wrong with the data set.
    """
    with step("Reading and hashing the data set", report):
        images = _fingerprint(read_dataset(dataset, report))
    return SweepPlan(
        architectures=tuple(dict.fromkeys(architectures)),
        seeds=tuple(range(n_seeds)),
        options=options,
        images=images,
    )


def _fingerprint(dataset: Dataset) -> str:
    lines = sorted(f"{image.part} {image.sha256}" for image in dataset.images)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _train_all(
    dataset: Path, folder: SweepFolder, plan: SweepPlan, *, device: str, report: Report
) -> None:
    """Train what is not finished yet, and add the record of each run at once."""
    finished = {run.key for run in folder.finished()}
    wanted = [(name, seed) for seed in plan.seeds for name in plan.architectures]
    for number, (name, seed) in enumerate(wanted, start=1):
        if (name, seed) in finished:
            continue
        run = SweepRun(architecture=name, seed=seed)
        export = folder.export_of(run)
        with step(f"Run {number} of {len(wanted)}: {name}, seed {seed}", report):
            run = _train(dataset, export.parent, run, plan.options, report)
            if run.problem is None:
                run = _measured(run, export, dataset / "val", device=device)
        if run.problem is not None:
            report(f"It failed, and the sweep goes on: {run.problem}")
        folder.add_run(run)


def _train(
    dataset: Path, out: Path, run: SweepRun, options: tuple[str, ...], report: Report
) -> SweepRun:
    """Train one run in a separate process; what it writes to stderr is passed on."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "pipeline", "train", str(dataset), "--out", str(out)]
    command += ["--arch", run.architecture, "--seed", str(run.seed), *options]
    said: list[str] = []
    with Popen(command, stdout=DEVNULL, stderr=PIPE, text=True, encoding="utf-8") as process:  # noqa: S603 - this project's own program, and no shell
        for line in process.stderr or ():
            said.append(line.rstrip())
            report(f"  {said[-1]}")
    if process.returncode == InterruptionError.exit_code:
        raise KeyboardInterrupt
    if process.returncode != 0:
        reason = " / ".join(filter(None, said[-_LINES_KEPT:])) or "it said nothing"
        return run.model_copy(update={"problem": f"exit code {process.returncode}: {reason}"})
    return run


def _measured(run: SweepRun, export: Path, val: Path, *, device: str) -> SweepRun:
    """The run with the grader's numbers of its fine-tuned export."""
    try:
        graded = ask_grader(export, val, device=device)
    except GradingError as error:
        return run.model_copy(update={"problem": " / ".join(str(error).splitlines())})
    history = read_sidecar(export).history
    second = [one.seconds for one in history if one.phase == "fine_tune"]
    return run.model_copy(
        update={
            "n_parameters": graded.n_parameters,
            "epoch_s": fmean(second) if second else None,
            "training_s": sum(one.seconds for one in history),
            "val": Numbers(loss=graded.loss, accuracy=graded.accuracy),
        }
    )


def _look_at_test(dataset: Path, folder: SweepFolder, *, device: str, report: Report) -> None:
    """Measure each finished run on test, only once for this folder."""
    seen = {(look.architecture, look.seed) for look in folder.looks()}
    for run in folder.finished():
        if run.key in seen:
            continue
        with step(f"Measuring on test: {run.architecture}, seed {run.seed}", report):
            graded = ask_grader(folder.export_of(run), dataset / "test", device=device)
        test = Numbers(loss=graded.loss, accuracy=graded.accuracy)
        folder.add_look(LookAtTest(architecture=run.architecture, seed=run.seed, test=test))


def _check_finished(folder: SweepFolder) -> None:
    failed = [run.problem for run in folder.runs() if run.problem is not None]
    if failed and not folder.finished():
        runs = "its only run" if len(failed) == 1 else f"all of its {len(failed)} runs"
        raise BadInputError(
            what=f"The sweep has nothing to choose from: {runs} failed, the last for this reason: "
            f"{failed[-1]}",
            where=str(folder.root),
            advice="fix that, and run the same command again",
        )


def _write(folder: SweepFolder, plan: SweepPlan, choice: ChosenArchitecture) -> Sweep:
    runs, looks = folder.runs(), folder.looks()
    rows = summarise(plan, runs, looks, choice)
    table, lines, plot = (folder.root / f"sweep{ending}" for ending in (".md", ".csv", ".png"))
    write_atomically(table, as_markdown(rows, runs))
    write_atomically(lines, as_csv(runs, looks))
    picture_of(draw_sweep(rows)).write(plot)
    return Sweep(rows=rows, table=table, runs=lines, plot=plot)

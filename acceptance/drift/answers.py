"""Grades networks that old versions of timm and torchvision made, and compares the answers.

A process has an old version first on its path, so the old source runs on today's torch. What it
answers is what the network answered when it was exported; what the grader makes of the file must
answer the same, or be refused.
"""

import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import track

from acceptance.exports.workers import Request, WorkerPlan, replies
from grader.errors import GraderError
from grader.loading.allowlist.drift.updating import up_to_date
from grader.loading.allowlist.module_checks import drift_findings, module_findings
from grader.loading.archive.container import read_container
from grader.loading.inert.reading import read_inert
from grader.loading.learner.module_tree import read_modules
from grader.loading.rebuilding.cost import check_cost
from grader.loading.rebuilding.rebuild import rebuild_model

LIMIT_S = 300.0
N_REQUESTS = 40
# Of the largest output; single precision, in another order.
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one network of an old library: only `wrong` is a fault."""

    name: str
    form: str
    outcome: str
    said: str


def main(
    folder: Annotated[Path, typer.Argument(help="An unpacked wheel.")],
    *,
    library: Annotated[str, typer.Option(help="timm or torchvision.")] = "timm",
    only: Annotated[
        str, typer.Option(help="Only models of files whose name holds one of these words.")
    ] = "",
    broad: Annotated[
        bool, typer.Option("--broad", help="A model for each set of classes, not for each file.")
    ] = False,
) -> None:
    """Try the models of an old library; exit with 1 if one is graded wrong."""
    console = Console(width=200)
    plan = WorkerPlan(
        module="acceptance.drift.old_worker",
        n_requests=N_REQUESTS,
        limit_s=LIMIT_S,
        n_jobs=1,
        first_on_path=folder.resolve(),
    )
    names = _chosen(plan, library, only, broad=broad)
    trials = []
    with tempfile.TemporaryDirectory() as scratch:
        requests = [
            {"do": "make", "library": library, "name": name, "form": form, "file": file}
            for name in names
            for form in (("whole", "fastai") if library == "timm" else ("whole",))
            for file in [str(Path(scratch) / f"{name}.{form}.pth")]
        ]
        for trial in track(
            _tried(plan, requests), total=len(requests), console=Console(stderr=True)
        ):
            trials.append(trial)
            if trial.outcome != "right":
                console.print(
                    f"{trial.outcome} {trial.name} ({trial.form}): {trial.said}",
                    markup=False,
                    soft_wrap=True,
                )
    counts = Counter(trial.outcome for trial in trials)
    console.print(", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items())))
    if counts["wrong"]:
        raise typer.Exit(1)


def _chosen(plan: WorkerPlan, library: str, only: str, *, broad: bool) -> list[str]:
    """The smallest model of every file, or of every set of classes in it."""
    (reply,) = replies(plan, [{"do": "list", "library": library, "only": only}])
    alike: dict[tuple[str, ...], list[tuple[float, str]]] = defaultdict(list)
    for model in (reply or {"models": []})["models"]:
        kinds = model["classes"] if broad else ()
        alike[model["home"], *kinds].append((model["size"], model["name"]))
    return [min(found)[1] for found in alike.values()]


def _tried(plan: WorkerPlan, requests: Sequence[Request]) -> Iterator[Trial]:
    for request, reply in zip(requests, replies(plan, requests), strict=True):
        file = Path(request["file"])
        outcome, said = _outcome(file, reply)
        yield Trial(name=request["name"], form=request["form"], outcome=outcome, said=said)
        file.unlink(missing_ok=True)
        file.with_name(f"{file.name}.answers").unlink(missing_ok=True)


def _outcome(file: Path, reply: dict[str, Any] | None) -> tuple[str, str]:
    if reply is None:
        return "not made", "the process died"
    if "failed" in reply:
        return "not made", reply["failed"]
    answers = torch.load(f"{file}.answers")
    try:
        found = _graded(file, answers["images"])
    except GraderError as error:
        return "refused", str(error).replace("\n", " ")
    except Exception as error:  # noqa: BLE001 - a crash is a result
        return "crashed", f"{type(error).__name__}: {error}"
    largest = float(answers["outputs"].abs().max())
    away = float((found - answers["outputs"]).abs().max()) / (largest or 1.0)
    if math.isfinite(away) and away <= TOLERANCE:
        return "right", f"{away:.1e}"
    return "wrong", f"{away:.1e} of the largest output, {largest:.1e}"


def _graded(file: Path, images: torch.Tensor) -> torch.Tensor:
    graph = read_inert(read_container(file))
    old = read_modules(graph.root)
    model = up_to_date(old)
    for finding in (*drift_findings(old), *module_findings(model)):
        raise GraderError(what=finding.what, where=finding.where, advice=finding.advice)
    network = rebuild_model(model, graph)
    check_cost(network, tuple(images.shape[1:]), n_classes=3)
    with torch.no_grad():
        outputs: torch.Tensor = network(images)
    return outputs


if __name__ == "__main__":
    typer.run(main)

"""The command line: arguments in, one library call, one renderer, an exit code out.

Imports that only one command needs are done when it runs, so that `grader --help` is fast.
"""

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.bounds import MaxCpuOption, MaxMemoryOption, Step, Work
from grader.cli.console import (
    BELOW_RUBRIC,
    MODEL_REFUSED,
    Format,
    errors_as_exit_codes,
    print_text,
    say,
)
from grader.cli.reports import (
    AudienceOption,
    FiguresOption,
    FormatOption,
    LanguageOption,
    OutOption,
    check_presentation,
    compare_command,
    present,
    report_command,
)
from grader.cli.specs import spec_app
from grader.errors import MachineError
from grader.results.presentation import Presentation

if TYPE_CHECKING:
    from grader.cli.guarding import Guard
    from grader.grading.request import GradeRequest
    from grader.reports.figures.drawer import Begin
    from grader.results.report import GradeReport

# The commands that read a student's file; each does it in a process of its own.
_GUARDED = frozenset(("check", "evaluate", "inspect"))
_DEVICE_PATTERN = r"auto|cpu|cuda(:\d+)?|mps"

app = typer.Typer(
    help="Grade image classifiers exported by fastai on a folder of images they never saw.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(spec_app, name="spec")


def _check_device(name: str) -> str:
    if re.fullmatch(_DEVICE_PATTERN, name) is None:
        raise typer.BadParameter("use auto, cpu, cuda, cuda:N or mps")
    return name


@app.command()
def evaluate(  # noqa: PLR0913 - one parameter for each option of the command
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The export to grade, as learn.export() wrote it.")],
    *,
    data: Annotated[Path, typer.Option(help="The test folder: DIR/<label>/<image>.")],
    baseline: Annotated[
        Path | None, typer.Option(help="The first stage's export, to compare with.")
    ] = None,
    spec: Annotated[
        str | None, typer.Option(help="A built-in spec (birds, digits) or a TOML file.")
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            callback=_check_device,
            help="auto, cpu, cuda, cuda:N or mps. auto uses a GPU if there is one.",
        ),
    ] = "auto",
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Images per batch on a GPU. Default: what suits the GPU. A CPU always takes the "
            "same few, so that no answer depends on this option.",
        ),
    ] = None,
    explain: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Of how many images to show where the models looked, on the instructor's page. "
            "Default: those shown there, for no longer than the grading takes.",
        ),
    ] = None,
    robustness: Annotated[
        bool,
        typer.Option(
            "--robustness",
            help="Also measure the accuracy on worse photos: blurred, compressed, darker, "
            "brighter, noisy, turned, cropped, mirrored. Takes eight times as long.",
        ),
    ] = False,
    out: OutOption = None,
    figures: FiguresOption = True,
    output_format: FormatOption = "text",
    audience: AudienceOption = None,
    language: LanguageOption = "en",
    max_cpu_s: MaxCpuOption = None,
    max_memory_mb: MaxMemoryOption = None,
) -> None:
    """Grade MODEL on a folder of images it never saw.

    Exit codes: 0 passed (or graded without a spec), 2 wrong usage, 3 bad input, 4 model refused,
    5 graded but below the rubric, 6 this machine can't.
    """
    with errors_as_exit_codes():
        from grader.grading.request import GradeRequest
        from hidden_test_spec.reading import read_spec

        how = Presentation(
            form=output_format,
            audience=audience,
            language=language,
            out=out,
            has_figures=figures,
        )
        request = GradeRequest(
            model=model,
            data=data,
            baseline=baseline,
            spec=None if spec is None else read_spec(spec),
            device=device,
            batch_size=batch_size,
            n_explained=explain if explain is not None or _shows_photos(how) else 0,
            is_robustness_measured=robustness,
        )
        work = Work(
            models=(model,) if baseline is None else (model, baseline),
            max_cpu_s=max_cpu_s,
            max_memory_mb=max_memory_mb,
        )
        report = _grade(request, how, _Steps(context, work))
    if report.grade is not None and not report.grade.passed:
        raise typer.Exit(BELOW_RUBRIC)


@app.command()
def inspect(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The export to inspect.")],
    *,
    output_format: Annotated[
        Format, typer.Option("--format", help="What to print on stdout.")
    ] = Format.TEXT,
    max_cpu_s: MaxCpuOption = None,
    max_memory_mb: MaxMemoryOption = None,
) -> None:
    """Say what MODEL is without loading it: nothing that the file names is imported or called.

    Exit codes: 0 nothing was found that prevents grading it, 2 wrong usage, 3 no such file,
    4 it can't be graded.
    """
    with errors_as_exit_codes():
        from grader.checking.views import inspection_json, inspection_text
        from grader.loading.inspecting import inspect_file

        work = Work(models=(model,), max_cpu_s=max_cpu_s, max_memory_mb=max_memory_mb)
        _Steps(context, work).begin("inspecting")
        inspection = inspect_file(model)
    if output_format is Format.JSON:
        sys.stdout.write(inspection_json(inspection))
    else:
        print_text(inspection_text(inspection))
    if inspection.refusals:
        raise typer.Exit(MODEL_REFUSED)


@app.command()
def check(  # noqa: PLR0913 - one parameter for each option of the command
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The export to hand in.")],
    *,
    spec: Annotated[str, typer.Option(help="A built-in spec (birds, digits) or a TOML file.")],
    data: Annotated[
        Path | None, typer.Option(help="Images to grade it on: DIR/<label>/<image>.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="The first stage's export; needs --data.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="What to print on stdout.")
    ] = Format.TEXT,
    max_cpu_s: MaxCpuOption = None,
    max_memory_mb: MaxMemoryOption = None,
) -> None:
    """Say before MODEL is handed in whether it can be graded, and what to fix.

    Exit codes: 0 ready, 2 wrong usage, 3 bad input, 4 it would be refused, 5 below the rubric on
    the images of --data, 6 this machine can't.
    """
    if baseline is not None and data is None:
        raise typer.BadParameter("pass --data too: a baseline is compared on images")
    with errors_as_exit_codes():
        from hidden_test_spec.reading import read_spec

        contract = read_spec(spec)
        models = (model,) if baseline is None else (model, baseline)
        work = Work(models=models, max_cpu_s=max_cpu_s, max_memory_mb=max_memory_mb)
        steps = _Steps(context, work)
        steps.begin("loading")
        with _quiet_matching_torch():
            from grader.checking.check import check_export
            from grader.checking.check_views import check_json, check_text
            from grader.checking.results import CheckRequest
            from grader.cli.progress import progress

        request = CheckRequest(model=model, spec=contract, data=data, baseline=baseline)
        with progress(say) as on_progress:
            result = check_export(request, on_progress=steps.followed(on_progress))
    if output_format is Format.JSON:
        sys.stdout.write(check_json(result))
    else:
        print_text(check_text(result))
    if result.outcome != "ready":
        raise typer.Exit(MODEL_REFUSED if result.outcome == "refused" else BELOW_RUBRIC)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Tells the guard of this process, where there is one, what its next step may take."""

    context: typer.Context
    work: Work

    def begin(self, step: Step, *, n_images: int = 0) -> None:
        guard: Guard | None = self.context.obj
        if guard is not None:
            guard.step(self.work.bounds(step, n_images=n_images))

    def followed(self, on_progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
        """The same, and each time the network gets on, its next batch has time of its own."""

        def follow(n_done: int, n_total: int) -> None:
            self.begin("running", n_images=n_total)
            on_progress(n_done, n_total)

        return follow


def _shows_photos(how: Presentation) -> bool:
    """Whether a page with photos is made, which only instructors get."""
    return how.audience != "student" and (how.out is not None or how.form == "html")


def _grade(request: "GradeRequest", how: Presentation, steps: _Steps) -> "GradeReport":
    """Grade and present, with progress on stderr. Photos are decoded while torch is imported."""
    from grader.cli.progress import progress
    from grader.engine.tuning import tune_process
    from grader.grading.opening import open_request

    check_presentation(how)
    steps.begin("loading")
    tune_process()
    with _drawer(how) as figures:
        with progress(say) as on_progress, open_request(request) as opened:
            with _quiet_matching_torch():
                from grader.grading.grade import grade

            report = grade(request, opened=opened, on_progress=steps.followed(on_progress))
        present(report, how, figures)
    return report


@contextmanager
def _drawer(how: Presentation) -> Iterator["Begin | None"]:
    """What draws the figures of a grading that has yet to begin; None if nothing is to be drawn."""
    if how.out is None or not how.has_figures:
        yield None
        return
    from grader.reports.figures.drawer import Drawer

    with Drawer() as drawer:
        yield drawer.begin


@contextmanager
def _quiet_matching_torch() -> Iterator[None]:
    """Import torch without its deprecation notes; explain a torchvision built for another torch."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        raise MachineError(
            what=f"torch and torchvision don't match ({error})",
            where=sys.prefix,
            advice="install the pair together: pip install --force-reinstall torch torchvision",
        ) from error


app.command("report")(report_command)
app.command("compare")(compare_command)


def main() -> None:
    """Run the command line."""
    if os.name == "posix" and _GUARDED & set(sys.argv[1:2]):
        from grader.cli.guarding import run_guarded

        run_guarded(lambda guard: app(obj=guard))
    app()

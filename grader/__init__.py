"""Grades exported .pkl files on a test folder; the result is a `GradeReport`.

    import grader

    report = grader.evaluate("fine_tuned.pkl", data="test", spec="birds")

A notebook renders the report. Nothing heavy is imported before a function is called.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.reports.html.notebook import ShownReport
    from grader.results.report import GradeReport
    from hidden_test_spec.spec import Spec

__all__ = ["compare", "evaluate", "read_report"]


def evaluate(  # noqa: PLR0913 - as `grader evaluate`, one parameter for each option
    model: str | Path,
    *,
    data: str | Path,
    baseline: str | Path | None = None,
    spec: "Spec | str | Path | None" = None,
    device: str = "auto",
    batch_size: int | None = None,
    explain: int = 0,
    robustness: bool = False,
) -> "ShownReport":
    """Grade a model as `grader evaluate` does, with progress on stderr.

    Args:
        model: The export to grade.
        data: The test folder, DIR/<label>/<image>.
        baseline: The first stage's export, to compare it with.
        spec: A `Spec`, a built-in one's name or a TOML file; without one there is no grade.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        batch_size: Images per batch on a GPU; with None, and always on a CPU, it is chosen to suit
            the device and the image size.
        robustness: Also measure the accuracy on worse photos.
        explain: Of how many images to find out where the models looked, for the page.

    Raises:
        GraderError: If a path, the folder or an export can't be used, or this machine can't do it;
            `exit_code` says which.
        SpecError: If the spec can't be used.
    """
    from grader.cli.console import say  # noqa: PLC0415 - `import grader` loads nothing heavy
    from grader.cli.progress import progress  # noqa: PLC0415
    from grader.grading.grade import grade  # noqa: PLC0415
    from grader.grading.request import GradeRequest  # noqa: PLC0415
    from grader.reports.html.notebook import shown  # noqa: PLC0415
    from hidden_test_spec.reading import read_spec  # noqa: PLC0415

    if batch_size is not None and batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    if explain < 0:
        raise ValueError("explain must be at least 0")
    request = GradeRequest(
        model=Path(model),
        data=Path(data),
        baseline=None if baseline is None else Path(baseline),
        spec=read_spec(spec) if isinstance(spec, str | Path) else spec,
        device=device,
        batch_size=batch_size,
        n_explained=explain,
        is_robustness_measured=robustness,
    )
    with progress(say) as on_progress:
        return shown(grade(request, on_progress=on_progress))


def read_report(path: str | Path) -> "ShownReport":
    """Read a report that was written as JSON.

    Raises:
        GraderError: If there is no such file, or it is not a report.
    """
    from grader.reports.document import reading  # noqa: PLC0415
    from grader.reports.html.notebook import shown  # noqa: PLC0415

    return shown(reading.read_report(Path(path)))


def compare(
    first: "GradeReport", second: "GradeReport", *, allow_different: bool = False
) -> "ShownReport":
    """Compare two finished runs, the first as the baseline, as `grader compare` does.

    Args:
        first: The baseline's report, an instructor's edition.
        second: The candidate's.
        allow_different: Compare on the images that both have, even if some are in only one.

    Raises:
        GraderError: If the two can't be compared.
    """
    from grader.grading.comparing import compare_reports  # noqa: PLC0415
    from grader.reports.html.notebook import shown  # noqa: PLC0415

    return shown(compare_reports(first, second, allow_different=allow_different))

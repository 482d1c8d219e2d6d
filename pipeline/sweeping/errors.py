"""What can go wrong with a sweep."""

from pathlib import Path

from hidden_test_spec.errors import quote
from pipeline.errors import BadInputError, PipelineError


class SweepFolderError(BadInputError):
    """A folder can't be used to go on with a sweep."""

    def __init__(self, *, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(
            f"The sweep in {quote(str(path))} can't go on: {problem}. Give the same data set and "
            "options as before, or name another folder with --out."
        )


class FailedSweepError(BadInputError):
    """No run of a sweep left an export."""

    def __init__(self, *, out: Path, n_runs: int, problem: str) -> None:
        self.out = out
        self.problem = problem
        runs = "Its only run" if n_runs == 1 else f"All of its {n_runs} runs"
        super().__init__(
            f"The sweep in {quote(str(out))} has nothing to choose from. {runs} failed, the last "
            f"for this reason: {problem}\nMend that, and give the same command again."
        )


class InterruptedSweepError(PipelineError):
    """The user stopped a sweep."""

    exit_code = 130

    def __init__(self, out: Path) -> None:
        self.out = out
        super().__init__(
            f"Interrupted. {quote(str(out))} keeps the runs that are finished. Give the same "
            "command again to go on with the rest."
        )

"""Errors of a scrape. Each one says what is wrong, where, and what to do next."""

from pathlib import Path

from hidden_test_spec.errors import quote, quote_all
from pipeline.errors import BadInputError, MachineError, PipelineError, UsageError


class ScrapeOptionError(UsageError):
    """An option of `pipeline scrape` can't be right."""

    def __init__(self, *, option: str, value: str, problem: str) -> None:
        self.option = option
        self.value = value
        super().__init__(f"{option} {quote(value)} can't be used: {problem}.")


class NotResumableError(BadInputError):
    """The folder that a scrape should go on in is not what such a scrape left."""

    def __init__(self, *, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(f"--resume can't go on in {quote(str(path))}: {problem}.")


class FolderInUseError(BadInputError):
    """Another scrape writes into the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"Another scrape is writing into {quote(str(path))}. Wait until it ends, or name "
            "another folder."
        )


class IncompleteScrapeError(MachineError):
    """Photos are missing, since engines ended early or found nothing; holds why, by engine."""

    def __init__(self, *, short: tuple[str, ...], ended: dict[str, str]) -> None:
        self.short = short
        self.ended = ended
        why = "\n".join(f"  {engine}: {reason}" for engine, reason in ended.items())
        super().__init__(
            f"Photos are missing of {quote_all(short)}:\n{why}\nRun the command again with "
            "--resume, later or with another --engine, such as openverse."
        )


class InterruptedScrapeError(PipelineError):
    """The user stopped a scrape; says how to go on."""

    exit_code = 130

    def __init__(self, *, out: Path, n_photos: int) -> None:
        self.out = out
        self.n_photos = n_photos
        super().__init__(
            f"Interrupted. {quote(str(out))} keeps {n_photos} photos and their manifest. To go "
            "on, run the same command with --resume."
        )

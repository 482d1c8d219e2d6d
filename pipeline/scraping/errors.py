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


class MissingLibraryError(MachineError):
    """A library isn't installed that a scrape needs."""

    def __init__(self, *, library: str, engines: tuple[str, ...]) -> None:
        self.library = library
        self.engines = engines
        super().__init__(
            f"{library} is not installed, which --engine {' and '.join(engines)} needs. Install "
            'it with: python -m pip install "classifier-grader[pipeline,scrape]"'
        )


class EarlierScrapeError(BadInputError):
    """The folder to be made holds an earlier scrape."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"--out {quote(str(path))} already exists and holds an earlier scrape. Give --resume "
            "to go on with it, or name another folder."
        )


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
    """Photos are missing that another try may bring; holds why, by engine."""

    def __init__(
        self, *, short: tuple[str, ...], reasons: dict[str, str], asked: tuple[str, ...]
    ) -> None:
        self.short = short
        self.reasons = reasons
        self.asked = asked
        why = "\n".join(f"  {engine}: {reason}" for engine, reason in reasons.items())
        others = [name for name in ("openverse", "wikimedia") if name not in asked]
        another = f" or with another --engine, such as {others[0]}" if others else ""
        super().__init__(
            f"Photos are missing of {quote_all(short)}:\n{why}\nRun the command again with "
            f"--resume, later{another}."
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

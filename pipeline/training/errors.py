"""Errors of training. Each one says what is wrong, where, and what to do next."""

from pathlib import Path

from hidden_test_spec.errors import quote, quote_all
from pipeline.errors import BadInputError, UsageError


class RecipeError(UsageError):
    """A recipe can't be used; holds every fault of it."""

    def __init__(self, *, source: str, faults: tuple[str, ...], known: tuple[str, ...]) -> None:
        self.source = source
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(
            f"--recipe {quote(source)} can't be used:\n{lines}\n"
            f"Give the name of a recipe, {quote_all(known)}, or the path of a mended TOML file."
        )


class WeightsChoiceError(UsageError):
    """What is named as starting weights can't be meant."""

    def __init__(self, *, weights: str, problem: str, remedy: str) -> None:
        self.weights = weights
        self.problem = problem
        super().__init__(f"--weights {quote(weights)} can't be used: {problem}. {remedy}.")


class NotResumableRunError(BadInputError):
    """The folder that a run should go on in is not what such a run left."""

    def __init__(self, *, out: Path, problem: str) -> None:
        self.out = out
        super().__init__(
            f"--resume can't go on in {quote(str(out))}: {problem}. Give the folder, and the very "
            "options, of the run that was interrupted, or train anew into another folder."
        )

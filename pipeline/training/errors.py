"""Errors of training. Each one says what is wrong, where, and what to do next."""

from pathlib import Path

from hidden_test_spec.errors import quote, quote_all
from pipeline.errors import BadInputError, MachineError, UsageError


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


class PrecisionError(MachineError):
    """The device can't calculate with the numbers that were asked for."""

    def __init__(self, *, precision: str, reason: str) -> None:
        self.precision = precision
        self.reason = reason
        super().__init__(
            f"--precision {precision} can't be used: {reason}. Use --precision auto or fp32."
        )


class TooFewImagesError(BadInputError):
    """There are too few images for a head to be fitted to."""

    def __init__(self, *, n_views: int, n_classes: int) -> None:
        self.n_views = n_views
        self.n_classes = n_classes
        super().__init__(
            f"The head can't be fitted to {n_views} views of the images of train: it needs more "
            f"views than there are classes, {n_classes}. Put more images into train, use --flip, "
            "or use --recipe document."
        )


class NotResumableRunError(BadInputError):
    """The folder that a run should go on in is not what such a run left."""

    def __init__(self, *, out: Path, problem: str) -> None:
        self.out = out
        super().__init__(
            f"--resume can't go on in {quote(str(out))}: {problem}. Give the folder, and the very "
            "options, of the run that was interrupted, or train anew into another folder."
        )

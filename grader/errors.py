"""What can go wrong while grading: one class for each exit code, every message in three parts."""

from hidden_test_spec.errors import quote


class GraderError(Exception):
    """Something expected went wrong. Its message says what, where, and what to do next."""

    exit_code = 3

    def __init__(self, *, what: str, where: str, advice: str) -> None:
        """Build the message.

        Args:
            what: What is wrong, as a sentence without its full stop.
            where: The file or folder it is about.
            advice: What to do next, as a sentence without its full stop.
        """
        self.what = what
        self.where = where
        self.advice = advice
        super().__init__(f"{what}\n  where: {quote(where)}\n  what to do: {advice}")


class BadInputError(GraderError):
    """What the instructor gave can't be graded against: paths, the test folder, the spec."""

    exit_code = 3


class ModelRefusedError(GraderError):
    """The submitted file can't be graded."""

    exit_code = 4


class MachineError(GraderError):
    """This machine can't do what was asked: no such device, not enough memory, disk full."""

    exit_code = 6


class UnreadableImageError(Exception):
    """An image file that can't be decoded. It never ends a run."""

    def __init__(self, *, reason: str) -> None:
        """Keep the reason, one line of text."""
        self.reason = " ".join(reason.split())
        super().__init__(self.reason)

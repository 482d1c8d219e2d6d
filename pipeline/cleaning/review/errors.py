"""Errors of the review page."""

from pipeline.errors import MachineError


class PortError(MachineError):
    """The port that was asked for can't be had."""

    def __init__(self, *, port: int, reason: str) -> None:
        self.port = port
        self.reason = reason
        super().__init__(
            f"--port {port} can't be used ({reason}). Name another port, or leave --port out to "
            "get any free one."
        )

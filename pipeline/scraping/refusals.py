"""Why a photo is not taken."""

from enum import StrEnum


class Reason(StrEnum):
    """The kinds of refusal, as the summary counts them."""

    LICENCE = "no free licence"
    ADDRESS = "address can't be used"
    PRIVATE = "private network"
    ROBOTS = "robots.txt forbids it"
    UNREACHABLE = "can't be reached"
    TIMEOUT = "took too long"
    HTTP = "server refused it"
    BUSY = "server was busy"
    REDIRECTS = "too many redirects"
    TOO_LARGE = "file too large"
    NO_IMAGE = "no image"
    BROKEN = "broken image"
    BOMB = "too many pixels"
    TOO_SMALL = "too small"
    DUPLICATE = "had already"


class RefusedError(Exception):
    """A photo, or a page, that is not taken.

    Attributes:
        is_temporary: Whether it may be available later; --resume tries such photos again.
        retry_after_s: How long the server asks to wait; None where it doesn't say.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        is_temporary: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.is_temporary = is_temporary
        self.retry_after_s = retry_after_s
        super().__init__(f"{reason}: {detail}")

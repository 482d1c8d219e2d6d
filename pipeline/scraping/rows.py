"""The rows of a scrape's own files, and what decided about the photos in them."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from pipeline.scraping.candidates import SearchPage
from pipeline.scraping.refusals import Reason


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PhotoRules(_Row):
    """The rules for every photo of a folder, which therefore can't change while it grows."""

    min_side_px: int
    only_free: bool


class SearchRow(_Row):
    """One page of a search that was made."""

    engine: str
    query: str
    page: SearchPage


class RefusalRow(_Row):
    """One photo that was not taken; `limit` is what `PhotoLimits.behind` said then."""

    engine: str
    label: str
    key: str
    reason: Reason
    detail: str
    is_temporary: bool
    limit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLimits:
    """Limits that refuse photos; if the next run has others, it looks at those photos again.

    Attributes:
        max_bytes: Largest photo file.
        allowed_host: HOST:PORT of the one host that may be in a private network.
        extensions: Endings that are wanted.
    """

    max_bytes: int
    allowed_host: str | None
    extensions: tuple[str, ...]

    def behind(self, reason: Reason) -> str | None:
        """The limit that refusals for a reason depend on, in words; None if they depend on none."""
        limits = {
            Reason.TOO_LARGE: f"{self.max_bytes} bytes",
            Reason.ADDRESS: f"allowed host {self.allowed_host}",
            Reason.PRIVATE: f"allowed host {self.allowed_host}",
            Reason.NO_IMAGE: f"endings {' '.join(sorted(self.extensions))}",
        }
        return limits.get(reason)

"""The result of a scrape, counted from what is on disk, including all earlier runs."""

from collections import Counter
from dataclasses import dataclass

from pipeline.scraping.candidates import is_thumbnail
from pipeline.scraping.refusals import Reason
from pipeline.scraping.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCount:
    """What one engine did for one class.

    Attributes:
        n_found: Different photos that its searches found.
        n_photos: Those that are in the class folder.
        n_thumbnails: Those of them that are reduced copies of a larger original.
        refused: Those that were not taken, by reason; the most frequent first.
        n_put_off: Those of them that another run may get, such as after a timeout.
    """

    label: str
    engine: str
    n_found: int
    n_photos: int
    n_thumbnails: int
    refused: tuple[tuple[Reason, int], ...]
    n_put_off: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeSummary:
    """A finished scrape.

    Attributes:
        n_photos: By label, in the spec's order.
        ended: Engines that ended early, with the reason.
    """

    per_class: int
    n_photos: dict[str, int]
    counts: tuple[EngineCount, ...]
    ended: dict[str, str]

    @property
    def short(self) -> tuple[str, ...]:
        """The classes that have fewer photos than asked for."""
        return tuple(label for label, n in self.n_photos.items() if n < self.per_class)

    @property
    def to_be_had(self) -> tuple[str, ...]:
        """The short classes that another run may fill further, since something got in the way."""
        put_off = {one.label for one in self.counts if one.n_put_off}
        return tuple(
            label
            for label in self.short
            if self.ended or label in put_off or self.n_photos[label] == 0
        )


def count_engine(store: Store, *, label: str, engine: str, queries: tuple[str, ...]) -> EngineCount:
    """Count what a folder holds from one engine for one class."""
    found = {
        candidate.key
        for query in queries
        for page in store.pages(engine, query)
        for candidate in page.candidates
    }
    refusals = [row for row in store.refusals if (row.label, row.engine) == (label, engine)]
    refused = Counter(row.reason for row in refusals)
    taken = [one for one in store.records if (one.label, one.engine) == (label, engine)]
    return EngineCount(
        label=label,
        engine=engine,
        n_found=len(found),
        n_photos=len(taken),
        n_thumbnails=sum(is_thumbnail(one.image_url) for one in taken),
        refused=tuple(refused.most_common()),
        n_put_off=sum(row.is_temporary for row in refusals),
    )

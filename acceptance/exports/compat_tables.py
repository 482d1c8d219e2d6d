"""Draws the results of a corpus: a table by version and kind, and the failures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from acceptance.exports.judging import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The results of some rows, counted.

    Attributes:
        n_graded: Gradable rows that were graded within their tolerance.
        n_gradable: All gradable rows.
        n_refused: Other rows that were refused for the reason given.
        n_refusable: All other rows.
        deviation: The largest of any row; None where nothing was compared.
    """

    n_graded: int
    n_gradable: int
    n_refused: int
    n_refusable: int
    deviation: float | None

    def __str__(self) -> str:
        """The tally as one sentence."""
        return (
            f"{self.n_graded} of {self.n_gradable} graded within tolerance, "
            f"{self.n_refused} of {self.n_refusable} refused for the reason given"
        )


def tally(judgements: Sequence[Judgement]) -> Tally:
    """Count the results of rows."""
    gradable = [one for one in judgements if one.row.is_gradable]
    others = [one for one in judgements if not one.row.is_gradable]
    deviations = [one.deviation for one in judgements if one.deviation is not None]
    return Tally(
        n_graded=sum(not one.faults for one in gradable),
        n_gradable=len(gradable),
        n_refused=sum(not one.faults for one in others),
        n_refusable=len(others),
        deviation=max(deviations, default=None),
    )


def rows_table(judgements: Sequence[Judgement]) -> Table:
    """One line for each export."""
    table = Table(title="Exports", title_justify="left")
    for heading in ("fastai", "kind", "expected", "deviation", "seconds", "outcome"):
        table.add_column(heading)
    for one in judgements:
        table.add_row(
            one.row.fastai,
            one.row.kind,
            "graded" if one.row.is_gradable else "refused",
            _number(one.deviation),
            f"{one.wall_s:.1f}",
            Text("; ".join(one.faults) or "as expected", style="red" if one.faults else "green"),
        )
    return table


def versions_table(ours: Sequence[Judgement], by_fastai: Sequence[Judgement] | None) -> Table:
    """One line for each version and one for all, with fastai's own results beside them."""
    table = Table(title="By version of fastai", title_justify="left")
    headings = ["exports by", "graded", "largest deviation", "refused"]
    for heading in headings + ([] if by_fastai is None else ["by fastai itself"]):
        table.add_column(heading)
    versions = list(dict.fromkeys(one.row.fastai for one in ours))
    for version in [*versions, "all"]:
        counts = tally([one for one in ours if version in {one.row.fastai, "all"}])
        cells = [
            version,
            f"{counts.n_graded} of {counts.n_gradable}",
            _number(counts.deviation),
            f"{counts.n_refused} of {counts.n_refusable}",
        ]
        if by_fastai is not None:
            beside = tally([one for one in by_fastai if version in {one.row.fastai, "all"}])
            cells.append(f"{beside.n_graded} of {beside.n_gradable}")
        table.add_row(*cells)
    return table


def extremes(judgements: Sequence[Judgement]) -> Iterator[str]:
    """Which export deviates most and which took longest, as text."""
    compared = [(one.deviation, one) for one in judgements if one.deviation is not None]
    if compared:
        deviation, worst = max(compared, key=lambda pair: pair[0])
        yield f"largest deviation {deviation:.1e} ({worst.row.name})"
    if judgements:
        slowest = max(judgements, key=lambda one: one.wall_s)
        yield f"slowest {slowest.wall_s:.1f} s ({slowest.row.name})"


def _number(deviation: float | None) -> str:
    return "-" if deviation is None else f"{deviation:.1e}"

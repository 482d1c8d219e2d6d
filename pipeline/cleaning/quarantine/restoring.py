"""Putting photos back where they were, by decisions that can be undone like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.errors import quote, quote_all
from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Choice, image_place
from pipeline.cleaning.quarantine.quarantine import Quarantine
from pipeline.cleaning.quarantine.state import Standing, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The result of putting photos back.

    Attributes:
        back: The photos that were put back, with their new places.
        gone: The original name of each whose file is gone, with where that file was.
    """

    back: tuple[Standing, ...]
    gone: tuple[tuple[str, Path], ...] = ()


def away(state: State) -> tuple[Standing, ...]:
    """The photos that were removed or moved to another class, sorted by original name."""
    standings = (one for one in state.standings.values() if one.place != image_place(one.origin))
    return tuple(sorted(standings, key=lambda one: (one.origin, one.place.path)))


def restore(quarantine: Quarantine, names: Sequence[str] | None) -> Restored:
    """Put photos back to the class folders and names that they had.

    Where a name has been taken meanwhile, a number is added to it. A photo whose file is gone
    doesn't keep the others from being put back.

    Args:
        quarantine: An open one.
        names: The original CLASS_FOLDER/FILE, or a class folder for all of its photos; None
            for all photos.

    Raises:
        DecisionError: If no removed or moved photo has a name; nothing was changed.
        FileAccessError: If a file can't be moved.
    """
    standings = away(quarantine.state)
    if names is not None:
        _check_names(names, standings)
        standings = tuple(one for one in standings if {one.origin, _label(one)} & set(names))
    files = [(one, quarantine.file_of(one.place)) for one in standings]
    gone = tuple((one.origin, file) for one, file in files if not file.is_file())
    choices = [
        Choice(place=one.place, decision=Decision.KEEP, reason="restored")
        for one, file in files
        if file.is_file()
    ]
    if not choices:
        return Restored(back=(), gone=gone)
    entry = quarantine.apply(choices)
    back = tuple(quarantine.state.standings[change.target] for change in entry.changes)
    return Restored(back=back, gone=gone)


def _check_names(names: Sequence[str], standings: Sequence[Standing]) -> None:
    known = {one.origin for one in standings} | {_label(one) for one in standings}
    unknown = [name for name in names if name not in known]
    if unknown:
        some = quote_all(one.origin for one in standings)
        others = f"these were: {some}" if some else "nothing was"
        raise DecisionError(
            [f"{quote(name)} was neither removed nor moved; {others}" for name in unknown],
            where=f"PHOTOS {' '.join(unknown)}",
            advice="use names from the list that pipeline restore prints without names",
        )


def _label(standing: Standing) -> str:
    return standing.origin.partition("/")[0]

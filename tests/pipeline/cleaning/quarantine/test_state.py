"""The state that a journal leads to, over long walks of decisions, undos and redos."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.cleaning.quarantine.entries import Decision, Side, entry_line, parse_entry
from pipeline.cleaning.quarantine.planning import Choice, Trees, image_place
from pipeline.cleaning.quarantine.quarantine import Quarantine
from pipeline.cleaning.quarantine.state import State, after, replay
from tests.pipeline.cleaning.deciding import contents, opened, removal, write_trees


def choice_at_random(rng: np.random.Generator, trees: Trees, quarantine: Quarantine) -> Choice:
    """Any decision about any photo, wherever it is."""
    places = {image_place(name) for name in contents(trees.images)}
    places |= quarantine.state.standings.keys()
    place = sorted(places, key=lambda one: (one.side, one.path))[rng.integers(len(places))]
    decision = list(Decision)[rng.integers(3)]
    label = ("blue", "red")[rng.integers(2)] if decision is Decision.MOVE else None
    return Choice(place=place, decision=decision, label=label, reason=f"{rng.integers(9)}")


def check_files(trees: Trees, state: State, photos: list[str]) -> None:
    """Every photo is once where the state says, and untouched ones are where they were."""
    kept = contents(trees.quarantine)
    shown = contents(trees.images)
    assert sorted([*kept.values(), *shown.values()]) == photos
    for place, standing in state.standings.items():
        found = (shown if place.side is Side.IMAGES else kept)[place.path]
        assert found == standing.origin.replace("/", " ").removesuffix(".png")
    touched = {standing.origin for standing in state.standings.values()}
    assert len(touched) == len(state.standings)
    assert {place.path for place in state.standings if place.side is Side.QUARANTINE} == set(kept)


@pytest.mark.parametrize("seed", range(4))
def test_a_long_walk_loses_nothing(tmp_path: Path, seed: int) -> None:
    """After each step files and state agree, and reading the journal again gives the state."""
    rng = np.random.default_rng(seed)
    trees = write_trees(tmp_path)
    photos = sorted(contents(trees.images).values())
    before = contents(trees.images)
    with opened(trees) as quarantine:
        for _ in range(40):
            step = rng.integers(5)
            if step < 3:
                quarantine.apply([choice_at_random(rng, trees, quarantine)])
            else:
                (quarantine.undo if step == 3 else quarantine.redo)()
            check_files(trees, quarantine.state, photos)
        live = quarantine.state
    with opened(trees) as quarantine:
        assert quarantine.state == live
        while quarantine.undo() is not None:
            check_files(trees, quarantine.state, photos)
        assert quarantine.state.standings == {}
    assert contents(trees.images) == before


def test_entries_are_their_lines(tmp_path: Path) -> None:
    """Written and read again they are equal, and so is the state they lead to."""
    trees = write_trees(tmp_path)
    with opened(trees) as quarantine:
        decided = quarantine.apply([removal("red/0.png")])
        undone = quarantine.undo()
    assert undone is not None
    assert [parse_entry(entry_line(one)) for one in (decided, undone)] == [decided, undone]
    assert replay([decided, undone]) == after(after(State(), decided), undone)

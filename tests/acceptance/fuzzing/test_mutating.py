from pathlib import Path

import pytest

from acceptance.fuzzing.mutating import Mutator, pickle_of_file
from acceptance.fuzzing.pickle_changes import PickleChanger, stock_of
from acceptance.fuzzing.seeds import all_seeds
from grader.loading.archive.container import container_of
from grader.loading.refusal import RefusedExportError

SEEDS = all_seeds()
MUTATOR = Mutator(
    PickleChanger(lambda data, _: data[::-1], stock_of(map(pickle_of_file, SEEDS.values())))
)
N_CHANGES = 200


def changed_seeds(name: str) -> list[bytes]:
    """Many changes of one seed."""
    return [MUTATOR.mutated(SEEDS[name], 4096, seed) for seed in range(N_CHANGES)]


def fate_of(data: bytes) -> str:
    """Why the container is refused, or that it is opened."""
    try:
        container_of(memoryview(data), path=Path("export.pkl"))
    except RefusedExportError as error:
        return error.reason
    return "opened"


@pytest.mark.parametrize("name", ["torch 2", "packed again", "64-bit descriptors"])
def test_most_changes_pass_the_checksums(name: str) -> None:
    """Half of the changed zips at least are opened, with another pickle than the seed's."""
    opened = [data for data in changed_seeds(name) if fate_of(data) == "opened"]
    assert len(opened) > N_CHANGES / 2
    pickles = {pickle_of_file(data) for data in opened}
    assert len(pickles) > N_CHANGES / 4


def test_headers_are_changed_too() -> None:
    """Many different checks of the container refuse the rest."""
    assert len({fate_of(data) for data in changed_seeds("torch 2")}) > 10


def test_the_same_number_makes_the_same_change() -> None:
    """A round can be repeated."""
    assert changed_seeds("legacy") == changed_seeds("legacy")


def test_no_change_is_longer_than_allowed() -> None:
    """Not even a file that was that long before."""
    data = SEEDS["tensor 1"]
    sizes = {len(MUTATOR.mutated(data, len(data), seed)) for seed in range(N_CHANGES)}
    assert max(sizes) <= len(data)


def test_a_crossed_pickle_holds_parts_of_both() -> None:
    """Opcodes of another export stand in the middle of the first one's."""
    crossed = {
        pickle_of_file(MUTATOR.crossed(SEEDS["learner"], SEEDS["tensor 1"], 4096, seed))
        for seed in range(50)
    }
    assert any(b"Learner" in one and b"_rebuild_tensor" in one for one in crossed)

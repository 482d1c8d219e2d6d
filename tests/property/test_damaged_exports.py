"""What the fuzz session does a million times, done a few hundred times: same target, same seeds."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.fuzzing.mutating import Mutator, pickle_of_file
from acceptance.fuzzing.pickle_changes import PickleChanger, stock_of
from acceptance.fuzzing.seeds import all_seeds
from acceptance.fuzzing.target import read_or_refuse

SEEDS = all_seeds()
N_STEPS = 6
MAX_BYTES = 4096


def change(data: bytes, max_size: int) -> bytes:
    """One byte changed, inserted or removed: a simple version of what the fuzzer does."""
    chance = Random(data)  # noqa: S311 - nothing here is secret
    at = chance.randrange(len(data) + 1)
    new = bytes([chance.randrange(256)] * chance.randrange(2))
    return (data[:at] + new + data[at + chance.randrange(2) :])[:max_size]


MUTATOR = Mutator(PickleChanger(change, stock_of(map(pickle_of_file, SEEDS.values()))))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each export is written in turn."""
    return tmp_path_factory.mktemp("damaged") / "export.pkl"


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_is_a_valid_export(name: str, file: Path) -> None:
    """The fuzzer starts from files that are read, not refused."""
    file.write_bytes(SEEDS[name])
    assert read_or_refuse(file) == "read"


@settings(max_examples=200)
@given(st.sampled_from(sorted(SEEDS)), st.sampled_from(sorted(SEEDS)), st.integers(0, 2**32))
def test_a_damaged_export_is_read_or_refused(file: Path, name: str, other: str, seed: int) -> None:
    """However far from the seed, the worst outcome is a refusal."""
    data = SEEDS[name]
    for step in range(N_STEPS):
        data = MUTATOR.mutated(data, MAX_BYTES, seed + step)
        if step == N_STEPS // 2:
            data = MUTATOR.crossed(data, SEEDS[other], MAX_BYTES, seed)
        file.write_bytes(data)
        assert read_or_refuse(file) in ("read", "refused")

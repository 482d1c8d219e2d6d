from pathlib import Path

import pytest

from acceptance.fuzzing.rounds import Ground, Limit, run_round

ENGINE = """
import os, signal, sys
{deed}
"""
DEEDS = {
    "raise RuntimeError('too much')": "ended with exit code 1.\nTraceback",
    "os.kill(os.getpid(), signal.SIGKILL)": "was ended by SIGKILL",
    "print('stat::number_of_executed_units: 2')": "read no new file",
}


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A ground with two seeds and an empty corpus."""
    ground = Ground(**{name: tmp_path / name for name in ("seeds", "corpus", "faults", "log")})
    ground.seeds.mkdir()
    ground.corpus.mkdir()
    for name in "ab":
        (ground.seeds / name).write_bytes(b"?")
    return ground


def engine_that(tmp_path: Path, deed: str) -> tuple[str]:
    """A program in the fuzzer's place."""
    path = tmp_path / "engine.py"
    path.write_text(ENGINE.format(deed=deed), "utf-8")
    return (str(path),)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_round_that_ends_early_says_how(deed: str, ground: Ground, tmp_path: Path) -> None:
    """A killed process too, which writes nothing itself."""
    done = run_round(ground, Limit(seconds=1), engine=engine_that(tmp_path, deed))
    assert DEEDS[deed] in done.fault
    assert done.n_inputs == 0


def test_files_that_were_known_before_are_not_counted(ground: Ground, tmp_path: Path) -> None:
    """The fuzzer reads them first in every round."""
    said = "print('stat::number_of_executed_units: 12\\nstat::peak_rss_mb: 50')"
    done = run_round(ground, Limit(seconds=1), engine=engine_that(tmp_path, said))
    assert (done.n_inputs, done.peak_mib, done.fault) == (10, 50, "")


def test_a_round_leaves_no_scratch_file(ground: Ground, tmp_path: Path) -> None:
    """Not even where the process was killed."""
    said = tmp_path / "said"
    deed = f"import tempfile; open({str(said)!r}, 'w').write(tempfile.mkdtemp()); os.abort()"
    run_round(ground, Limit(seconds=1), engine=engine_that(tmp_path, deed))
    assert said.read_text()
    assert not Path(said.read_text()).exists()


def test_a_second_round_does_not_read_the_first_ones_log(ground: Ground, tmp_path: Path) -> None:
    """The log keeps both."""
    for n in (12, 7):
        said = f"print('stat::number_of_executed_units: {n}')"
        done = run_round(ground, Limit(seconds=1), engine=engine_that(tmp_path, said))
    assert done.n_inputs == 5
    assert ground.log.read_text("utf-8").count("executed_units") == 2

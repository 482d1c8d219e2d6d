"""One round of atheris, a coverage-guided fuzzer, over `read_or_refuse`.

    python -m acceptance.fuzzing.engine FOLDER... [OPTIONS OF LIBFUZZER]

A file that makes the reading fail is written to disk, with Python's traceback on stderr.
"""

import codecs
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader"]):
    from acceptance.fuzzing.target import read_or_refuse

from acceptance.fuzzing.mutating import Mutator, pickle_of_file
from acceptance.fuzzing.pickle_changes import PickleChanger, stock_of
from acceptance.fuzzing.seeds import all_seeds
from acceptance.fuzzing.watching import Watch

# Python loads these when they are first used; a reading may use them.
_CODECS = ("latin-1", "raw-unicode-escape", "unicode-escape", "utf-32-le")


def main() -> None:
    """Fuzz until libFuzzer's limits are reached; then the process ends at once."""
    for name in _CODECS:
        codecs.lookup(name)
    # The process ends without cleaning up, so `run_round` removes it.
    file = Path(tempfile.mkdtemp(), "export.pkl")
    watch = Watch(file)
    watch.install()

    def read_one(data: bytes) -> None:
        file.write_bytes(data)
        with watch.reading():
            read_or_refuse(file)

    mutator = _mutator()
    atheris.Setup(
        sys.argv, read_one, custom_mutator=mutator.mutated, custom_crossover=mutator.crossed
    )
    atheris.Fuzz()


def _mutator() -> Mutator:
    def change(data: bytes, max_size: int) -> bytes:
        # Looked up late: before `Fuzz`, the name is a function that only raises an error.
        return bytes(atheris.Mutate(data, max_size))

    pickles = (pickle_of_file(data) for data in all_seeds().values())
    return Mutator(PickleChanger(change, stock_of(pickles)))


if __name__ == "__main__":
    main()

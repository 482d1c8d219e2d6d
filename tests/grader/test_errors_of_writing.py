"""How errors of writing are reported."""

import errno
import os
from pathlib import Path

import pytest

from grader.errors import BadInputError, MachineError, write_errors


def test_a_missing_folder_is_the_user_s_mistake(tmp_path: Path) -> None:
    """The message has the path and the option that named it."""
    path = tmp_path / "no" / "file.txt"

    with (
        pytest.raises(BadInputError, match="No such file") as caught,
        write_errors(path, option="--out"),
    ):
        path.write_text("x", "utf-8")
    assert caught.value.where == str(path)
    assert "--out" in caught.value.advice


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_the_machine_s_fault(code: int) -> None:
    """Its exit code is another one."""
    with (
        pytest.raises(MachineError, match="can't be written"),
        write_errors(Path("x"), option="--out"),
    ):
        raise OSError(code, os.strerror(code))


def test_a_file_that_exists_is_not_a_path_that_cannot_be_written(tmp_path: Path) -> None:
    """The way out is another name."""
    with (
        pytest.raises(BadInputError, match="exists already"),
        write_errors(tmp_path, option="--out"),
    ):
        tmp_path.mkdir()

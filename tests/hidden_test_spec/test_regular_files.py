import os
from pathlib import Path

import pytest

from hidden_test_spec.regular_files import NoRegularFileError, open_regular, read_regular


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return path


def test_a_regular_file_is_read_up_to_its_bound(file: Path) -> None:
    """Ten bytes are allowed to be ten, and not to be more than nine."""
    assert read_regular(file, max_bytes=10) == b"0123456789"
    with pytest.raises(NoRegularFileError, match="10 bytes, more than 9"):
        read_regular(file, max_bytes=9)


def test_a_link_is_refused_unless_it_may_be_one(file: Path, tmp_path: Path) -> None:
    """Also one that leads nowhere."""
    link, dangling = tmp_path / "link", tmp_path / "dangling"
    link.symlink_to(file)
    dangling.symlink_to(tmp_path / "nothing")
    for path in (link, dangling):
        with pytest.raises(NoRegularFileError, match="it is a link to another file"):
            read_regular(path, max_bytes=10)
    assert read_regular(link, max_bytes=10, follows_links=True) == b"0123456789"


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """Nobody ever writes to it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoRegularFileError, match="not a regular file"):
        read_regular(tmp_path / "pipe", max_bytes=10)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_is_refused(device: str) -> None:
    """It would never end, even by way of a link."""
    with pytest.raises(NoRegularFileError, match="not a regular file"):
        read_regular(Path(device), max_bytes=10, follows_links=True)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """As every system says in its own words."""
    with pytest.raises(OSError, match=r"regular file|Permission"):
        read_regular(tmp_path, max_bytes=10)


def test_an_open_file_stays_the_same_under_another_name(file: Path, tmp_path: Path) -> None:
    """Renaming files meanwhile doesn't change what is read."""
    with open_regular(file) as opened:
        file.rename(tmp_path / "elsewhere")
        file.write_bytes(b"something else")
        assert opened.read() == b"0123456789"

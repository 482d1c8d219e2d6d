import io
import zipfile

import pytest

from acceptance.fuzzing.archives import Archive, Part, packed, unpacked
from acceptance.fuzzing.pickle_changes import opcode_slices
from acceptance.fuzzing.seeds import all_seeds

ZIPS = {name: data for name, data in all_seeds().items() if data.startswith(b"PK")}


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_taken_apart_and_put_together_is_the_same(name: str) -> None:
    """Byte by byte, so that a change is the only difference."""
    archive = unpacked(ZIPS[name])
    assert archive is not None
    assert packed(archive) == ZIPS[name]


@pytest.mark.parametrize("is_wide", [False, True])
@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("flags", [0, 8])
def test_the_standard_library_agrees_on_every_way_of_packing(
    is_wide: bool,  # noqa: FBT001 - a case of the table
    method: int,
    flags: int,
) -> None:
    """Names, contents and checksums are right."""
    part = Part(name=b"a/b", content=b"content" * 9, method=method, flags=flags, is_wide=is_wide)
    data = packed(Archive(parts=(part, part), is_zip64=is_wide))
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.testzip() is None
        assert [read.read(info) for info in read.infolist()] == [part.content] * 2


@pytest.mark.parametrize("data", [b"", b"PK\5\6", bytes(22), b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_zip_is_left_alone(data: bytes) -> None:
    """There is nothing to take apart."""
    assert unpacked(data) is None


@pytest.mark.parametrize("name", all_seeds())
def test_slices_join_to_the_whole(name: str) -> None:
    """Of a pickle, of several in a row, and of what is none."""
    data = all_seeds()[name]
    assert b"".join(opcode_slices(data)) == data

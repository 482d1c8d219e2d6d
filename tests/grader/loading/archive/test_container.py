import os
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.archive.container import Container, container_of, read_container
from grader.loading.refusal import RefusedExportError
from tests.hostile import (
    EMPTY_DICT,
    Member,
    legacy_file,
    pickle_of,
    torch_file,
    torch_members,
    with_first,
    zip_of,
)

PICKLE = pickle_of(EMPTY_DICT)
MEMBERS = torch_members(PICKLE, {"0": bytes(8)})
HONEST = zip_of(*MEMBERS)
DEFLATED = zlib.compress(PICKLE, wbits=-zlib.MAX_WBITS)


def opened(data: bytes) -> Container:
    """The container of bytes in memory."""
    return container_of(memoryview(data), path=Path("export.pkl"))


def test_an_honest_zip_gives_its_pickle_and_storages() -> None:
    """The members are found under the archive's folder and nothing is ignored."""
    container = opened(HONEST)
    assert (container.layout, container.ignored) == ("zip", ())
    assert bytes(container.stream) == PICKLE
    assert {key: bytes(data) for key, data in container.storages.items()} == {"0": bytes(8)}


def test_a_real_export_is_read_from_disk(sound_model: Path) -> None:
    """What fastai and torch write today passes every check."""
    container = read_container(sound_model)
    assert container.layout == "zip"
    assert container.ignored == ()
    assert container.size_bytes == sound_model.stat().st_size


def test_a_compressed_export_is_read() -> None:
    """Somebody packed an export again; its content is the same."""
    container = opened(zip_of(*(replace(member, is_deflated=True) for member in MEMBERS)))
    assert bytes(container.stream) == PICKLE


def test_a_zip64_end_record_is_read() -> None:
    """Torch writes one at the end of every archive."""
    assert bytes(opened(zip_of(*MEMBERS, is_zip64=True)).stream) == PICKLE


def test_members_that_torch_does_not_write_are_named_and_left_alone() -> None:
    """A stranger in the archive is listed."""
    container = opened(zip_of(*MEMBERS, Member(name="archive/extra.pkl", content=b"?")))
    assert container.ignored == ("extra.pkl",)


def test_an_old_torch_file_is_recognised() -> None:
    """The layout before the zip is told by its magic number."""
    assert opened(legacy_file(PICKLE)).layout == "legacy"


def test_a_lone_pickle_is_recognised() -> None:
    """A pickle without an archive is passed on as one."""
    assert opened(PICKLE).layout == "pickle"


LOCAL_CHANGES = {
    "another name": with_first(MEMBERS, local_name="archive/data.pkx"),
    "another flag": with_first(MEMBERS, local_flags=0x0801),
}
TRICKS: dict[str, tuple[bytes, str]] = {
    "twice one name": (zip_of(*MEMBERS, MEMBERS[0]), "two members with the same name"),
    "twice in another case": (
        zip_of(*MEMBERS, replace(MEMBERS[0], name="archive/DATA.PKL")),
        "two members with the same name",
    ),
    **{
        kind: (data, "local header disagrees with the zip's directory")
        for kind, data in LOCAL_CHANGES.items()
    },
    "a wrong checksum": (with_first(MEMBERS, crc=1), "checksum is wrong"),
    "an encryption flag": (with_first(MEMBERS, flags=1), "flag that torch never sets is set"),
    "a patch flag": (with_first(MEMBERS, flags=0x20), "flag that torch never sets is set"),
    "a larger promise": (
        with_first(MEMBERS, is_deflated=True, size=99),
        "doesn't inflate to the 99 bytes",
    ),
    "a smaller promise": (
        with_first(MEMBERS, is_deflated=True, size=1),
        "doesn't inflate to the 1 bytes",
    ),
    "a bomb": (with_first(MEMBERS, is_deflated=True, size=2**30), "compressed members inflate to"),
    "a stored member of two sizes": (with_first(MEMBERS, size=1), "declares two sizes"),
    "one header for two members": (
        zip_of(MEMBERS[0], replace(MEMBERS[1], offset=0), *MEMBERS[2:]),
        "members of the zip overlap",
    ),
    "bytes between members": (with_first(MEMBERS, gap=b"?"), "bytes that belong to no member"),
    "bytes at the front": (
        b"PK\3\4" + zip_of(*MEMBERS, prefix=b""),
        "not where its end record says",
    ),
    "a gap before the first": (
        zip_of(*MEMBERS, prefix=b"PK\3\4????"),
        "before the first member",
    ),
    "a pickle at the front": (PICKLE + HONEST, "something before the zip"),
    "a comment": (zip_of(*MEMBERS, comment=b"hello"), "a comment after the end of the zip"),
    "end records that disagree": (
        zip_of(*MEMBERS, is_zip64=True).replace(struct.pack("<Q", 4), struct.pack("<Q", 3), 1),
        "two end records disagree",
    ),
    "a moved zip64 record": (
        zip_of(*MEMBERS, is_zip64=True).replace(b"PK\6\6", b"PK\6\5"),
        "zip64 end record is broken",
    ),
    "a broken deflation": (
        zip_of(*(replace(one, is_deflated=True) for one in MEMBERS)).replace(
            DEFLATED, b"\xff" * len(DEFLATED)
        ),
        "compressed member is broken",
    ),
    "a directory cut short": (
        HONEST.replace(struct.pack("<2H", 4, 4), struct.pack("<2H", 5, 5)),
        "directory is cut short",
    ),
    "a directory of more than it counts": (
        HONEST.replace(struct.pack("<2H", 4, 4), struct.pack("<2H", 3, 3)),
        "holds more than its end record counts",
    ),
    "a split zip": (HONEST[:-18] + b"\1\0" + HONEST[-16:], "several disks"),
    "bytes at the end": (HONEST + b"?", "after the end of the zip"),
    "half a file": (HONEST[: len(HONEST) // 2], "is truncated"),
    "a folder outside": (
        zip_of(*MEMBERS, Member(name="archive/../x", content=b"")),
        "a path that leaves the archive",
    ),
    "an absolute name": (
        zip_of(*MEMBERS, Member(name="/etc/passwd", content=b"")),
        "a path that leaves the archive",
    ),
    "two folders": (
        zip_of(*MEMBERS, *torch_members(PICKLE, root="b")),
        "members aren't all in one folder",
    ),
    "no pickle": (zip_of(*MEMBERS[1:]), r"no data\.pkl"),
    "an export in a zip": (
        zip_of(
            Member(name="__MACOSX/._birds.pkl", content=b""),
            Member(name="models/Birds.PKL", content=HONEST, is_deflated=True),
        ),
        r'it is a zip archive that holds "models/Birds\.PKL"\n',
    ),
    "TorchScript": (
        zip_of(*MEMBERS, Member(name="archive/constants.pkl", content=b"")),
        "not a Learner: TorchScript",
    ),
    "big-endian numbers": (
        zip_of(MEMBERS[0], replace(MEMBERS[1], content=b"big"), *MEMBERS[2:]),
        "big-endian",
    ),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_tampered_zip_is_refused_with_its_own_message(trick: str) -> None:
    """Each trick is named."""
    data, message = TRICKS[trick]
    with pytest.raises(RefusedExportError, match=message):
        opened(data)


OTHER_FILES = {
    "an empty file": b"",
    "a git-lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
    "a web page": b"\xef\xbb\xbf\n <!DOCTYPE html><title>Sign in</title>",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\0\4",
    "a gzip file": b"\x1f\x8b\x08",
    "a zlib file": b"\x78\x9c",
    "a tar archive": b"a".ljust(257, b"\0") + b"ustar",
    "a safetensors file": b"\x40\0\0\0\0\0\0\0" + b'{"a":{}}',
    "filled with zeros": bytes(64),
    "not a file that torch.save or": b"just some words",
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_another_file_is_told_what_it_is(kind: str) -> None:
    """The student learns what was handed in by mistake."""
    with pytest.raises(RefusedExportError, match=f"it is {kind}"):
        opened(OTHER_FILES[kind])


def test_a_refusal_names_the_file_and_keeps_its_parts(tmp_path: Path) -> None:
    """The path is in the message and in the error's fields."""
    path = tmp_path / "mine.pkl"
    path.write_bytes(b"")
    with pytest.raises(RefusedExportError, match=r"mine\.pkl") as caught:
        read_container(path)
    assert (caught.value.path, caught.value.reason) == (path, "it is an empty file")
    assert caught.value.exit_code == 4


def test_a_folder_is_no_export(tmp_path: Path) -> None:
    """Nothing but regular files is opened."""
    with pytest.raises(RefusedExportError, match="not a regular file"):
        read_container(tmp_path)


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_leads_elsewhere_is_no_export(tmp_path: Path, kind: str) -> None:
    """A link may lead to a file of somebody else, and a pipe never ends."""
    path, other = tmp_path / "export.pkl", tmp_path / "other.pkl"
    other.write_bytes(HONEST)
    path.symlink_to(other) if kind == "link" else os.mkfifo(path)
    with pytest.raises(RefusedExportError, match=r"a link to another file|not a regular file"):
        read_container(path)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes end in any other error."""
    _read_or_refuse(data, opened)


@given(st.integers(0, len(HONEST) - 1), st.integers(0, 255), st.booleans())
def test_a_changed_or_cut_zip_is_read_or_refused(at: int, byte: int, is_cut: bool) -> None:  # noqa: FBT001
    """No single change of an honest file ends in any other error."""
    changed = bytearray(HONEST)
    changed[at] = byte
    _read_or_refuse(HONEST[:at] if is_cut else bytes(changed), opened)


@given(st.data())
def test_a_zip_read_twice_is_the_same(data: st.DataObject) -> None:
    """What is read of a member is what was put in, whatever its bytes."""
    content = data.draw(st.binary(max_size=200))
    assert bytes(opened(torch_file(PICKLE, {"7": content})).storages["7"]) == content


def _read_or_refuse(data: bytes, read: Callable[[bytes], Container]) -> None:
    with suppress(RefusedExportError):
        assert read(data).size_bytes == len(data)

"""The archive around an export: its kind, its pickle and its storages, all as bytes.

Everything that the archive says about itself is checked before a byte is passed on, and an archive
that two readers could see differently is refused. No pickle is executed here.
"""

import mmap
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.loading.archive.file_kinds import HEAD_BYTES, UNPACK, Layout, layout_of
from grader.loading.archive.zip_directory import read_directory
from grader.loading.archive.zip_members import read_members
from grader.loading.refusal import RefusedExportError, naming
from hidden_test_spec.errors import quote_all
from hidden_test_spec.regular_files import NoRegularFileError, open_regular

_MAX_FILE_BYTES = 2**32 - 1
MAX_PICKLE_BYTES = 64 * 2**20

_ZIP_END_BYTES = 22
_ADDED_BY_MACOS = "__MACOSX/"
_EXPORT_ENDINGS = (".pkl", ".pth", ".pt", ".pickle")
_MAX_NOTE_BYTES = 1024
_STORAGE = re.compile(r"data/([0-9]{1,20})", re.ASCII)
_NOTES = (
    "version",
    "byteorder",
    ".format_version",
    ".storage_alignment",
    ".data/serialization_id",
)
_TORCHSCRIPT = re.compile(r"constants\.pkl|code/.*|traced_inputs.*|.*\.debug_pkl", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Container:
    """An export's bytes, sorted into pickles and storages.

    Attributes:
        path: The file.
        layout: Torch's zip, torch's older format, or a pickle without an archive.
        size_bytes: Of the file.
        stream: Where its pickles are: the member `data.pkl`, or the whole of another file.
        storages: The bytes of each storage by key; empty unless it is a zip.
        ignored: Members that torch doesn't write. None of them was read.
        content: The whole file.
    """

    path: Path
    layout: Layout
    size_bytes: int
    stream: memoryview
    storages: Mapping[str, memoryview]
    ignored: tuple[str, ...]
    content: memoryview


def read_container(path: Path) -> Container:
    """Open an export and sort its bytes; storages stay on disk until they are used.

    Args:
        path: The export. It must not change while the result is in use.

    Raises:
        RefusedExportError: If torch doesn't write such files, or the file is broken or ambiguous.
        OSError: If the file can't be read.
    """
    with naming(path):
        try:
            with open_regular(path, max_bytes=_MAX_FILE_BYTES) as file:
                is_empty = os.fstat(file.fileno()).st_size == 0
                mapped = b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except NoRegularFileError as error:
            raise RefusedExportError(
                what=str(error.strerror),
                where="file system",
                advice="hand in the file itself, as learn.export() wrote it",
            ) from error
        return container_of(memoryview(mapped), path=path)


def container_of(data: memoryview, *, path: Path) -> Container:
    """Sort the bytes of an export that is already in memory; otherwise like `read_container`."""
    with naming(path):
        head = bytes(data[:HEAD_BYTES])
        if not head.startswith(b"PK") and bytes(data[-_ZIP_END_BYTES:]).startswith(b"PK\x05\x06"):
            raise RefusedExportError(
                what="there is something before the zip archive", where="first bytes"
            )
        layout = layout_of(head)
        if layout == "zip":
            return _zip_container(data, path)
        return Container(
            path=path,
            layout=layout,
            size_bytes=len(data),
            stream=data,
            storages={},
            ignored=(),
            content=data,
        )


def _zip_container(data: memoryview, path: Path) -> Container:
    _refuse_wrapping(entry.name for entry in read_directory(data).entries)
    members = {member.name: member.data for member in read_members(data)}
    root, slash, _ = next(iter(members), "").partition("/")
    strangers = sorted(name for name in members if not name.startswith(f"{root}/"))
    if not slash or strangers:
        raise RefusedExportError(
            what="the zip's members aren't all in one folder, so torch didn't write it",
            where=f"member {strangers[0]}" if strangers else "zip",
        )
    inside = {name.removeprefix(f"{root}/"): content for name, content in members.items()}
    _check_kind(inside)
    _check_byte_order(inside)
    storages = {
        match[1]: content for name, content in inside.items() if (match := _STORAGE.fullmatch(name))
    }
    known = {"data.pkl", *_NOTES, *(f"data/{key}" for key in storages)}
    return Container(
        path=path,
        layout="zip",
        size_bytes=len(data),
        stream=inside["data.pkl"],
        storages=storages,
        ignored=tuple(sorted(name for name in inside if name not in known)),
        content=data,
    )


def _refuse_wrapping(names: Iterable[str]) -> None:
    """Refuse an export that somebody packed into a zip, which is no export itself."""
    kept = tuple(names)
    packed = [
        name
        for name in kept
        if name.lower().endswith(_EXPORT_ENDINGS) and not name.startswith(_ADDED_BY_MACOS)
    ]
    is_by_torch = any(name.count("/") == 1 and name.endswith("/data.pkl") for name in kept)
    if packed and not is_by_torch:
        raise RefusedExportError(
            what=f"it is a zip archive that holds {quote_all(packed)}", where="zip", advice=UNPACK
        )


def _check_kind(inside: Mapping[str, memoryview]) -> None:
    scripted = sorted(name for name in inside if _TORCHSCRIPT.fullmatch(name))
    if scripted:
        raise RefusedExportError(
            what="it is not a Learner: TorchScript, saved by torch.jit.save",
            where=f"member {scripted[0]}",
            advice="hand in what learn.export() writes",
        )
    if "data.pkl" not in inside:
        raise RefusedExportError(
            what="the zip has no data.pkl, so torch didn't write it", where="zip"
        )
    size = len(inside["data.pkl"])
    if size > MAX_PICKLE_BYTES:
        raise RefusedExportError(
            what=f"its pickle has {size} bytes, more than {MAX_PICKLE_BYTES}",
            where="member data.pkl",
        )


def _check_byte_order(inside: Mapping[str, memoryview]) -> None:
    note = inside.get("byteorder")
    if note is not None and bytes(note[:_MAX_NOTE_BYTES]) != b"little":
        raise RefusedExportError(
            what="its numbers are big-endian or of an unknown byte order",
            where="member byteorder",
            advice="export on a little-endian machine (any PC, Mac or Colab)",
        )

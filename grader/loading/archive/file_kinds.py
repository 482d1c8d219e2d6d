"""Recognises a file by its first bytes: one of torch's three formats, or a named mistake."""

from typing import Literal, TypeAlias

from grader.loading.refusal import EXPORT_AGAIN, RefusedExportError

Layout: TypeAlias = Literal["zip", "legacy", "pickle"]

HEAD_BYTES = 1024

# The integer 0x1950a86a20f9469cfc6c opens torch's older files: in binary, or as text.
_LEGACY_BINARY = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
_LEGACY_TEXT = b"L119547037146038801333356L\n."

UNPACK = f"unpack it and hand in the export inside it; if there is none, {EXPORT_AGAIN}"
_OTHER_KINDS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"PK\x05\x06", "an empty zip archive", EXPORT_AGAIN),
    (0, b"PK\x07\x08", "a zip archive in several parts", EXPORT_AGAIN),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (0, b"\x1f\x8b", "a gzip file (gzip, tar.gz or joblib)", UNPACK),
    (0, b"BZh", "a bzip2 file (bzip2 or joblib)", UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz file (xz or joblib)", UNPACK),
    (0, b"\x5d\x00\x00", "an lzma file (lzma or joblib)", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a zstandard file", UNPACK),
    (0, b"\x04\x22\x4d\x18", "an lz4 file (lz4 or joblib)", UNPACK),
    (0, b"\x78\x01", "a zlib file (joblib)", EXPORT_AGAIN),
    (0, b"\x78\x5e", "a zlib file (joblib)", EXPORT_AGAIN),
    (0, b"\x78\x9c", "a zlib file (joblib)", EXPORT_AGAIN),
    (0, b"\x78\xda", "a zlib file (joblib)", EXPORT_AGAIN),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x89HDF\r\n", "an HDF5 file (Keras)", EXPORT_AGAIN),
    (0, b"\x93NUMPY", "a numpy array", EXPORT_AGAIN),
    (0, b"\x89PNG", "a PNG image", EXPORT_AGAIN),
    (0, b"\xff\xd8\xff", "a JPEG image", EXPORT_AGAIN),
    (0, b"%PDF", "a PDF", EXPORT_AGAIN),
    (0, b"GGUF", "a GGUF file", EXPORT_AGAIN),
    (8, b'{"', "a safetensors file", EXPORT_AGAIN),
)
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")
_PULL = "run `git lfs pull`, then hand in the file that appears"
_DOWNLOAD = "download the file itself (the raw or direct link), then hand it in"


def layout_of(head: bytes) -> Layout:
    """Which of torch's layouts a file has.

    Args:
        head: The file's first `HEAD_BYTES`, or all of a shorter one.

    Raises:
        RefusedExportError: If it is anything else; the message says what it is, if that can be
            seen.
    """
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(_LEGACY_TEXT) or head[2:].startswith(_LEGACY_BINARY):
        return "legacy"
    if head.startswith(b"\x80"):
        return "pickle"
    kind, advice = _other_kind(head)
    raise RefusedExportError(what=f"it is {kind}", where="first bytes", advice=advice)


def _other_kind(head: bytes) -> tuple[str, str]:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not head:
        return "an empty file", "copy or upload the file again"
    if text.startswith(b"version https://git-lfs"):
        return "a git-lfs pointer, not the file that it points to", _PULL
    if text.startswith(_MARKUP):
        return "a web page", _DOWNLOAD
    for offset, magic, kind, advice in _OTHER_KINDS:
        if head[offset:].startswith(magic):
            return kind, advice
    if not head.strip(b"\0"):
        return "filled with zeros: an upload or copy broke off", "copy or upload the file again"
    return "not a file that torch.save or learn.export() writes", EXPORT_AGAIN

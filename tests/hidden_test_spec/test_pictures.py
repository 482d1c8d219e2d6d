import ast
import io
import os
from pathlib import Path

import pytest
from PIL import EpsImagePlugin, Image, UnidentifiedImageError

from hidden_test_spec.pictures import (
    PICTURE_FORMATS,
    open_picture,
    start_no_program_for_pictures,
)

EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 32 32
%%EndComments
newpath 0 0 moveto 32 32 lineto stroke
showpage
%%EOF
"""
# The same behind the header by which Windows gives a preview.
DOS_EPS = b"\xc5\xd0\xd3\xc6" + (32).to_bytes(4, "little") + len(EPS).to_bytes(4, "little")
DOS_EPS += bytes(32 - len(DOS_EPS)) + EPS


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that a Ghostscript of our own would write, which Pillow would find and start."""
    fired, folder = tmp_path / "fired", tmp_path / "programs"
    folder.mkdir()
    for name in ("gs", "gswin32c", "gswin64c"):
        (folder / name).write_text(f"#!/bin/sh\ntouch {fired}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return fired


def test_the_canary_would_fire(canary: Path) -> None:
    """Pillow's own opener starts the program that it finds for EPS."""
    with pytest.raises(Exception, match=r".*"), Image.open(io.BytesIO(EPS)) as image:
        image.load()
    assert canary.exists()


@pytest.mark.parametrize("content", [EPS, DOS_EPS])
@pytest.mark.parametrize("as_file", [False, True])
def test_a_photo_that_is_a_program_starts_none(
    canary: Path, tmp_path: Path, content: bytes, *, as_file: bool
) -> None:
    """A photo.jpg with PostScript inside is a file in an unknown format."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(UnidentifiedImageError, match="cannot identify"):
        open_picture(path if as_file else io.BytesIO(content))
    assert not canary.exists()


def test_other_libraries_start_no_program_either(canary: Path) -> None:
    """Once it is said for the process, Pillow's own opener refuses EPS."""
    start_no_program_for_pictures()
    with pytest.raises(OSError, match="Ghostscript"), Image.open(io.BytesIO(EPS)) as image:
        image.load()
    assert not canary.exists()


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"])
def test_usual_formats_are_opened(kind: str) -> None:
    """Each is among the formats, and its picture is decoded."""
    written = io.BytesIO()
    Image.new("RGB", (5, 4), "red").save(written, kind)
    with open_picture(written) as picture:
        assert picture.convert("RGB").size == (5, 4)


def test_no_format_of_the_list_starts_a_program() -> None:
    """Formats that Pillow hands to other programs or to handlers aren't listed."""
    Image.init()
    assert set(PICTURE_FORMATS) <= set(Image.OPEN)
    assert set(PICTURE_FORMATS).isdisjoint({"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})


def test_a_pipe_is_not_a_photo(tmp_path: Path) -> None:
    """It is refused before it is opened, which would wait for somebody to write to it."""
    os.mkfifo(tmp_path / "photo.jpg")
    with pytest.raises(OSError, match="not a regular file"):
        open_picture(tmp_path / "photo.jpg")


def test_only_one_place_opens_pictures() -> None:
    """No other file of the packages calls Pillow's `open`, not even those that may import torch."""
    root = Path(__file__).parents[2]
    callers = set()
    for package in ("grader", "pipeline", "hidden_test_spec"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                match node:
                    case ast.Attribute(value=ast.Name(id="Image"), attr="open"):
                        callers.add(path.name)
    assert callers == {"pictures.py"}

"""Puts images into the parts of a data set, as copies or as hard links."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import MachineError


def place_images(parts: Mapping[Path, str], out: Path, *, is_linked: bool) -> None:
    """Put each image into `out`/<its part>/<its class folder>, under its own name.

    Args:
        parts: The part of each image.
        out: Where the parts are made.
        is_linked: Whether to link instead of copying. A hard link is another name for the image
            itself: it takes no space, and remains when the image is moved.

    Raises:
        MachineError: If images can't be linked.
        OSError: If one can't be copied.
    """
    for path, part in parts.items():
        target = out / part / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_linked:
            _link(path, target)
        else:
            shutil.copy2(path, target)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path.resolve(), target)
    except OSError as error:
        raise MachineError(
            what=f"--link can't be used: an image can't be linked ({error.strerror or error})",
            where=str(path),
            advice="leave --link out to copy instead; hard links need the images and --out to be "
            "on one disk that supports them",
        ) from error

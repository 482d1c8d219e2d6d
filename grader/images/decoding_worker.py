"""The program of a process that reads and decodes photos for a grading; it never imports torch.

It gets a line of JSON for each photo on stdin, and answers on stdout with a line of JSON and the
pixels. It decides nothing: a photo on which anything fails is left to the process that asked, which
then finds the same fault itself. It ends when its stdin or stdout closes.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.errors import GraderError, UnreadableImageError
from grader.images.decoding import decode_image
from grader.images.photos import look_at, opened
from grader.images.picture_steps import resize_image
from grader.results.preprocessing import (
    CropOrPad,
    ImageMode,
    ImageStep,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
)

if sys.platform != "win32":
    import resource

Words: TypeAlias = dict[str, Any]

_STEPS: Mapping[str, Callable[..., ImageStep]] = MappingProxyType(
    {made.__name__: made for made in (CropOrPad, ResizeAndCrop, ResizeImage, ResizeLongest)}
)


def words_of(mode: ImageMode, steps: tuple[ImageStep, ...]) -> Words:
    """The steps on a picture as values that JSON can hold."""
    return {"mode": mode, "steps": [[type(step).__name__, asdict(step)] for step in steps]}


def steps_of(words: Words) -> Preprocessing:
    """The steps on a picture that `words_of` wrote, and nothing else."""
    return Preprocessing(
        mode=words["mode"],
        image_steps=tuple(_step(name, settings) for name, settings in words["steps"]),
        tensor_steps=(),
        batch_steps=(),
        left_out=(),
    )


def _step(name: str, settings: Words) -> ImageStep:
    values = {key: tuple(one) if isinstance(one, list) else one for key, one in settings.items()}
    return _STEPS[name](**values)


def main() -> None:
    """Answer until nobody asks any more."""
    if sys.platform != "win32":  # The time that its parent may take is for the students' files.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group of processes
    try:
        for line in sys.stdin.buffer:
            _answer(json.loads(line), sys.stdout.buffer)
    except BrokenPipeError:
        sys.stderr.close()


def _answer(asked: Words, answers: BinaryIO) -> None:
    path = Path(asked["path"])
    found: Words = {"sha256": None, "header": None, "pictures": []}
    pictures: list[NDArray[np.uint8] | None] = []
    try:
        with opened(path) as file:
            look = look_at(file)
    except GraderError:
        look = None
    if look is not None and look.content is not None:
        header = look.header
        found["sha256"] = look.sha256
        found["header"] = None if header is None else asdict(header)
        pictures = list(_pictures(path, look.content, asked["steps"]))
        found["pictures"] = [None if one is None else one.shape for one in pictures]
    answers.write(json.dumps(found).encode() + b"\n")
    for picture in pictures:
        if picture is not None:
            answers.write(picture.data)
    answers.flush()


def _pictures(
    path: Path, content: bytes, wanted: list[Words]
) -> Iterator[NDArray[np.uint8] | None]:
    """The picture at the size of each network; None where it can't be made."""
    for words in wanted:
        steps = steps_of(words)
        try:
            image = resize_image(decode_image(content, steps, path=path), steps)
            yield np.ascontiguousarray(np.asarray(image))
        except (GraderError, UnreadableImageError, ArithmeticError, MemoryError, OSError):
            yield None
        except (LookupError, TypeError, ValueError):
            yield None


if __name__ == "__main__":
    main()

"""Pictures at the size of each network: every photo is read, hashed and decoded once for all.

Models with the same steps on a picture get the same pixels. Other processes make them ahead of
time; what they leave out is made here, by the same calls, with the same pixels and errors.
"""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

import numpy as np

from grader.errors import MachineError
from grader.images.ahead import Ahead, Look, Steps
from grader.images.decoding import decode_image
from grader.images.kept_pictures import Bounds, KeptPictures, Pixels
from grader.images.photos import Photos
from grader.images.picture_steps import resize_image
from grader.results.answers import ListedImage, TestImage
from grader.results.preprocessing import Preprocessing

# A process takes a tenth of a second to start, as long as some twenty photos take.
MIN_PHOTOS = 16
# One process decodes as fast as three to seven cores run an ordinary network.
_CORES_PER_PROCESS = 3


def n_processes_for(n_photos: int) -> int:
    """How many other processes suit this machine: none for a few photos."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 0 if n_photos < MIN_PHOTOS else max(1, (n_cores or 1) // _CORES_PER_PROCESS)


class Pictures(AbstractContextManager["Pictures"]):
    """The pictures of photos, for any number of models."""

    def __init__(
        self, *, n_processes: int = 0, photos: Photos | None = None, bounds: Bounds | None = None
    ) -> None:
        """Start the processes.

        Args:
            n_processes: How many other processes decode; with 0 a photo is decoded when it is
                asked for.
            photos: Reads the photos that no process has read.
            bounds: Of the pictures that are kept.
        """
        self._photos = Photos() if photos is None else photos
        self._kept = KeptPictures(Bounds() if bounds is None else bounds)
        self._n_models: Counter[Steps] = Counter()
        self._ahead = Ahead(n_processes) if n_processes else None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes, and forget everything."""
        if self._ahead is not None:
            self._ahead.close()
        self._kept.close()

    def start(self, paths: Iterable[Path], preprocessing: Preprocessing | None) -> None:
        """Begin to read photos, and to decode those that are first for this model."""
        if self._ahead is not None:
            self._ahead.look(paths, None if preprocessing is None else steps_of(preprocessing))

    def share(self, models: Iterable[Preprocessing]) -> None:
        """Tell what all models do, so that what several of them need is kept for them."""
        self._n_models.update(map(steps_of, models))

    def read(self, images: Iterable[ListedImage]) -> tuple[TestImage, ...]:
        """These images with hash and header, in their order.

        Raises:
            BadInputError: If a file can't be read.
            MachineError: If decoding one ends every process that tries.
        """
        return tuple(self._read(image) for image in images)

    def content(self, image: TestImage) -> bytes:
        """The bytes of a photo, whose hash is the image's.

        Raises:
            UnreadableImageError: If the file is too large to be a photo.
            BadInputError: If it has changed since it was read.
            MachineError: If decoding it ends every process that tries.
        """
        self._check_deadly(image)
        return self._photos.content(image)

    def expect(self, images: Iterable[TestImage], preprocessing: Preprocessing) -> None:
        """Tell which pictures will be asked for next, and in which order."""
        if self._ahead is not None:
            steps = steps_of(preprocessing)
            paths = (image.path for image in images if (image.path, steps) not in self._kept)
            self._ahead.expect(paths, steps)

    def picture(self, image: TestImage, preprocessing: Preprocessing) -> Pixels:
        """The pixels of a photo after every step that comes before it is a tensor.

        Returns:
            Shape (height, width, 3), or (height, width) where the mode has one channel. Other
            callers get the same array.

        Raises:
            UnreadableImageError: If it can't be decoded.
            BadInputError: If it has changed since it was read.
            ModelRefusedError: If padding would make it larger than any picture.
        """
        steps = steps_of(preprocessing)
        key = image.path, steps
        found = self._kept.get(key)
        if found is None:
            found = self._made(image, preprocessing)
            self._kept.put(key, found, is_needed_again=self._n_models[steps] > 1)
        return found

    def _made(self, image: TestImage, preprocessing: Preprocessing) -> Pixels:
        if self._ahead is not None:
            ready = self._ahead.take(image.path, steps_of(preprocessing))
            if ready is not None and ready[0] == image.sha256:
                return ready[1]
        decoded = decode_image(self.content(image), preprocessing, path=image.path)
        return np.array(resize_image(decoded, preprocessing))

    def _read(self, image: ListedImage) -> TestImage:
        look = self._check_deadly(image)
        if look is None or look.sha256 is None:
            (read,) = self._photos.read((image,))
            return read
        return TestImage(
            path=image.path,
            name=image.name,
            label=image.label,
            sha256=look.sha256,
            header=look.header,
        )

    def _check_deadly(self, image: ListedImage) -> Look | None:
        """What a process read of a photo, unless the photo ends whoever decodes it."""
        look = None if self._ahead is None else self._ahead.seen(image.path)
        if look is not None and look.is_deadly:
            raise MachineError(
                what="Decoding this photo ended the process that did it, twice",
                where=str(image.path),
                advice="take it out of the test folder, or free some memory",
            )
        return look


def steps_of(preprocessing: Preprocessing) -> Steps:
    """What decides a photo's pixels: models for which it is equal share them."""
    return preprocessing.mode, preprocessing.image_steps

"""Images decoded once and kept in memory while a model is trained.

Photos of train are shrunk first if they are far larger than the network's input. Images of val are
kept as the loader made them, so that a loss measured here is the one a grader finds. Images that
would take too much memory are decoded at each use. The loaders that an export holds are the plain
ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from fastai.basics import noop
from fastai.vision.core import PILImage
from PIL import Image

from pipeline.progress import Report

_AUGMENTED: Final = 0
AS_GRADED: Final = 1


_MOST_BYTES: Final = 2_000_000_000
# A random crop of half of an image twice as large as the input is still larger than the input.
_ROOM: Final = 2


class _Items(Protocol):
    """Pairs of an image and its label, by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


class LabelledImages:
    """Pairs of an image and its label, for training or as a grader sees them.

    Attributes:
        split_idx: `AS_GRADED`, or 0 for training; fastai reads it.
    """

    def __init__(self, items: _Items, *, split_idx: int) -> None:
        self._items = items
        self.split_idx = split_idx

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._items[index]


class Photos:
    """The photos of a data set with their labels, decoded at the first use and kept.

    What would take more than `most_bytes` is decoded at each use.
    """

    def __init__(self, dataset: Any, *, side_px: int, most_bytes: int = _MOST_BYTES) -> None:
        self._dataset = dataset
        self._side_px = side_px
        self._left_bytes = most_bytes
        self._kept: dict[int, tuple[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if index in self._kept:
            return self._kept[index]
        image, label = self._dataset[index]
        image = shrink(image, side_px=self._side_px)
        size_bytes = image.width * image.height * len(image.getbands())
        if size_bytes <= self._left_bytes:
            self._left_bytes -= size_bytes
            self._kept[index] = image, label
        return image, label


class Ready:
    """The images of a loader with their labels, as it hands them on, made and kept at once.

    What would take more than `most_bytes` is made at each use.
    """

    def __init__(self, loader: Any, *, most_bytes: int = _MOST_BYTES) -> None:
        self._loader = loader
        self._kept: list[tuple[Any, Any]] = []
        left_bytes = most_bytes
        for index in range(len(self)):
            image, label = self._make(index)
            left_bytes -= image.nbytes
            if left_bytes < 0:
                break
            self._kept.append((image, label))

    @property
    def n_kept(self) -> int:
        """How many images, from the first on, are in memory."""
        return len(self._kept)

    def __len__(self) -> int:
        return len(self._loader.dataset)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._kept[index] if index < len(self._kept) else self._make(index)

    def _make(self, index: int) -> tuple[Any, Any]:
        # When it starts, a loader tells its transforms whether to augment.
        self._loader.before_iter()
        image, label = self._loader.do_item(index)
        return image, label


def shrink(image: Any, *, side_px: int) -> Any:
    """The image, its shorter side at most `side_px`."""
    share = side_px / min(image.size)
    if share >= 1:
        return image
    width, height = (round(side * share) for side in image.size)
    small = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return PILImage(small)


@contextmanager
def images_in_memory(learner: Any, *, image_size_px: int, report: Report) -> Iterator[None]:
    """While open, the learner's loaders decode each image once.

    Loaders that use processes are left alone: each process would keep its own copies.
    """
    plain = learner.dls.loaders
    train, val = plain
    if train.fake_l.num_workers:
        yield
        return
    photos = Photos(train.dataset, side_px=_ROOM * image_size_px)
    ready = Ready(val)
    report(f"Keeping {len(photos) + ready.n_kept} decoded images in memory")
    learner.dls.loaders = [
        train.new(dataset=LabelledImages(photos, split_idx=_AUGMENTED)),
        val.new(dataset=LabelledImages(ready, split_idx=AS_GRADED), after_item=noop),
    ]
    try:
        yield
    finally:
        learner.dls.loaders = plain

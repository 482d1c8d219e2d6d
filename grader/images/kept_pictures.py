"""Pictures that may be needed again: in memory up to a bound, beyond it in a file without a name.

The file is gone when this process is, however it ends. Where the disk is full, or the bound is
reached, a picture is not kept, and has to be made again.
"""

import tempfile
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import IO, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many bytes of pictures are kept in memory, and how many more on disk."""

    memory_bytes: int = 96 * 2**20
    disk_bytes: int = 4 * 2**30


class KeptPictures:
    """Pictures by a key of the caller's choice. Not for use by two threads at once."""

    def __init__(self, bounds: Bounds) -> None:
        """Start with none."""
        self._bounds = bounds
        self._in_memory: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._n_bytes = 0
        self._on_disk: dict[Hashable, tuple[int, tuple[int, ...]]] = {}
        self._file: IO[bytes] | None = None
        self._end = 0

    def __contains__(self, key: Hashable) -> bool:
        return key in self._in_memory or key in self._on_disk

    def get(self, key: Hashable) -> Pixels | None:
        """The picture; None if it isn't kept."""
        found = self._in_memory.get(key)
        if found is not None:
            self._in_memory.move_to_end(key)
            return found
        return self._read(*self._on_disk[key]) if key in self._on_disk else None

    def put(self, key: Hashable, picture: Pixels, *, is_needed_again: bool) -> None:
        """Keep a picture; those that were used longest ago make room for it.

        Args:
            key: A new one.
            picture: Its pixels, which are not copied.
            is_needed_again: Whether it is worth writing to disk when memory is short.
        """
        if is_needed_again and self._n_bytes + picture.nbytes > self._bounds.memory_bytes:
            self._write(key, picture)
            return
        self._in_memory[key] = picture
        self._n_bytes += picture.nbytes
        while self._n_bytes > self._bounds.memory_bytes:
            _, dropped = self._in_memory.popitem(last=False)
            self._n_bytes -= dropped.nbytes

    def close(self) -> None:
        """Forget everything."""
        self._in_memory.clear()
        self._on_disk.clear()
        self._n_bytes = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self, start: int, shape: tuple[int, ...]) -> Pixels | None:
        assert self._file is not None  # noqa: S101 - something was written to it
        picture = np.empty(shape, dtype=np.uint8)
        self._file.seek(start)
        n_read = self._file.readinto(picture.data.cast("B"))  # type: ignore[attr-defined]
        return picture if n_read == picture.nbytes else None

    def _write(self, key: Hashable, picture: Pixels) -> None:
        if self._end + picture.nbytes > self._bounds.disk_bytes:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close
            self._file.seek(self._end)
            n_written = self._file.write(picture.data.cast("B"))
        except OSError:
            return
        if n_written == picture.nbytes:
            self._on_disk[key] = self._end, picture.shape
            self._end += picture.nbytes

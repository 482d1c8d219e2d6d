"""How much time and memory one step of a command may take, by the files that it works on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

import typer

Step: TypeAlias = Literal["inspecting", "loading", "running"]

_MIB = 2**20
_GPU = Path("/dev/nvidiactl")
# What the libraries of a GPU keep in the machine's own memory.
_GPU_BYTES = 6 * 2**30
_BYTES_PER_IMAGE = 2**16

MaxCpuOption = Annotated[
    int | None,
    typer.Option(
        "--max-cpu-s",
        min=1,
        help="Seconds of the processor that one step may take: reading the export, or a batch of "
        "images. Default: plenty for the size of the file.",
    ),
]
MaxMemoryOption = Annotated[
    int | None,
    typer.Option(
        "--max-memory-mb",
        min=1,
        help="Memory that the command may take, in MB. Default: plenty for the size of the file.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a command may take until it shows that it gets on.

    Attributes:
        cpu_s: Processor time, over all threads, until the next step begins.
        memory_bytes: Resident memory that isn't a file's.
        subject: The file that is blamed.
    """

    cpu_s: int
    memory_bytes: int
    subject: str


@dataclass(frozen=True, slots=True)
class _Rate:
    """What a step takes at most: a fixed part, and one that grows with the exports."""

    cpu_s: int
    cpu_s_per_mib: float
    memory_bytes: int
    memory_per_byte: int


# Each is a multiple of what honest exports take: inspecting a resnet of 46 MB takes 0.3 s and
# 60 MiB, the largest image models compute for a minute on a batch of eight.
_RATES = MappingProxyType(
    {
        "inspecting": _Rate(10, 0.1, 2**30, 2),
        "loading": _Rate(90, 0.5, 3 * 2**30, 8),
        "running": _Rate(600, 0.5, 3 * 2**30, 8),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a command works on, and the bounds that a person chose instead of these.

    Attributes:
        models: The exports, the candidate first.
        max_cpu_s: Instead of the time that suits the step.
        max_memory_mb: Instead of the memory that suits the files.
    """

    models: Sequence[Path]
    max_cpu_s: int | None
    max_memory_mb: int | None

    def bounds(self, step: Step, *, n_images: int = 0) -> Bounds:
        """The bounds of one step; a file that is missing counts as empty, and is refused later."""
        rate = _RATES[step]
        n_bytes = sum(map(_size_of, self.models))
        cpu_s = rate.cpu_s + int(rate.cpu_s_per_mib * n_bytes / _MIB)
        memory_bytes = rate.memory_bytes + rate.memory_per_byte * n_bytes
        memory_bytes += _BYTES_PER_IMAGE * n_images
        if step != "inspecting" and _GPU.exists():
            memory_bytes += _GPU_BYTES
        return Bounds(
            cpu_s=self.max_cpu_s or cpu_s,
            memory_bytes=self.max_memory_mb * 10**6 if self.max_memory_mb else memory_bytes,
            subject=str(self.models[0]),
        )


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0

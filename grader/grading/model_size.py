"""The size of an export's file against what a spec allows."""

from collections.abc import Iterable
from pathlib import Path

from grader.errors import ModelRefusedError
from hidden_test_spec.spec import Limits

BYTES_PER_MB = 10**6
TRAIN_SMALLER = "train a smaller network, or ask for a larger max_model_mb in the spec"


def size_fault(size_bytes: int, limits: Limits) -> str | None:
    """What is wrong with a size, as a clause; None if nothing is."""
    if size_bytes <= limits.max_model_mb * BYTES_PER_MB:
        return None
    size_mb = size_bytes / BYTES_PER_MB
    return f"the file has {size_mb:.1f} MB, more than the {limits.max_model_mb} MB of the spec"


def refuse_large_models(paths: Iterable[Path], limits: Limits) -> None:
    """Refuse exports over the limit before they are read; a missing file is left to its reader.

    Raises:
        ModelRefusedError: If a file is larger than the spec allows.
    """
    for path in paths:
        fault = size_fault(path.stat().st_size, limits) if path.is_file() else None
        if fault is not None:
            raise ModelRefusedError(
                what=f"{fault[0].upper()}{fault[1:]}", where=str(path), advice=TRAIN_SMALLER
            )

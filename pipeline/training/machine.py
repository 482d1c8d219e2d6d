"""The device to train on, and what a machine says when it can't go on, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from pipeline.errors import DeviceError, FileAccessError, OutOfMemoryError
from pipeline.training.settings import Device

# torch tells of a full disk or a lost folder by a plain RuntimeError with one of these.
_WRITER_SIGNS = (
    "PytorchStreamWriter",
    "inline_container",
    "Parent directory",
    "cannot be opened",
)


def find_device(wanted: Device) -> torch.device:
    """The device to train on; auto takes a GPU where there is one.

    Raises:
        DeviceError: If a GPU was asked for and torch can use none.
    """
    has_gpu = torch.cuda.is_available()
    if wanted is Device.CUDA and not has_gpu:
        raise DeviceError(device=wanted.value, reason="torch finds no GPU that it can use")
    return torch.device("cuda" if has_gpu and wanted is not Device.CPU else "cpu")


@contextmanager
def machine_errors(*, path: Path, batch_size: int) -> Iterator[None]:
    """Translate what the machine raises while a model is trained or written below `path`.

    Raises:
        OutOfMemoryError: If a batch is too large for the device.
        FileAccessError: If a file can't be read or written.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemoryError(batch_size=batch_size) from error
    except OSError as error:
        where = Path(error.filename) if error.filename else path
        raise FileAccessError(path=where, reason=error.strerror or str(error)) from error
    except RuntimeError as error:
        if not any(sign in str(error) for sign in _WRITER_SIGNS):
            raise
        raise FileAccessError(path=path, reason="it could not be written whole") from error

"""The device to train on, and what a machine says when it can't go on, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from pipeline.errors import FileAccessError, MachineError
from pipeline.training.settings import Device, Precision

# torch reports a full disk or a lost folder as a plain RuntimeError with one of these.
_WRITER_SIGNS = (
    "PytorchStreamWriter",
    "inline_container",
    "Parent directory",
    "cannot be opened",
)


def find_device(wanted: Device) -> torch.device:
    """The device to train on; auto takes a GPU where there is one.

    Raises:
        MachineError: If a GPU was asked for and torch can use none.
    """
    has_gpu = torch.cuda.is_available()
    if wanted is Device.CUDA and not has_gpu:
        raise MachineError(
            what="This device can't be used: torch finds no GPU that it can use",
            where=f"--device {wanted.value}",
            advice="use --device auto or cpu",
        )
    return torch.device("cuda" if has_gpu and wanted is not Device.CPU else "cpu")


def find_precision(wanted: Precision, device: torch.device) -> Precision:
    """The precision to calculate with; auto takes 16 bits on a GPU, 32 on a CPU.

    Raises:
        MachineError: If the device doesn't support the one that was asked for.
    """
    if wanted is Precision.FP32:
        return wanted
    if device.type != "cuda":
        if wanted is not Precision.AUTO:
            raise _precision_error(wanted, "on a CPU training calculates with 32 bits")
        return Precision.FP32
    has_bf16 = torch.cuda.is_bf16_supported()
    if wanted is Precision.BF16 and not has_bf16:
        raise _precision_error(wanted, "this GPU doesn't support it")
    if wanted is Precision.AUTO:
        return Precision.BF16 if has_bf16 else Precision.FP16
    return wanted


def _precision_error(wanted: Precision, reason: str) -> MachineError:
    return MachineError(
        what=f"This precision can't be used: {reason}",
        where=f"--precision {wanted.value}",
        advice="use --precision auto or fp32",
    )


@contextmanager
def machine_errors(*, path: Path, batch_size: int) -> Iterator[None]:
    """Translate what the machine raises while a model is trained or written below `path`.

    Raises:
        MachineError: If a batch is too large for the device.
        FileAccessError: If a file can't be read or written.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise MachineError(
            what=f"The device's memory can't hold a batch of {batch_size} images",
            where=f"--batch-size {batch_size}",
            advice="try a smaller --batch-size, a smaller --image-size, or --device cpu",
        ) from error
    except OSError as error:
        where = Path(error.filename) if error.filename else path
        raise FileAccessError.of(error, path=where) from error
    except RuntimeError as error:
        if not any(sign in str(error) for sign in _WRITER_SIGNS):
            raise
        raise FileAccessError(path=path, reason="it could not be written completely") from error

"""Devices, and errors of the machine."""

import errno
from pathlib import Path

import pytest
import torch

from pipeline.errors import FileAccessError, MachineError
from pipeline.training.machine import find_device, find_precision, machine_errors
from pipeline.training.settings import Device, Precision


@pytest.mark.parametrize(
    ("wanted", "has_gpu", "found"),
    [
        (Device.AUTO, True, "cuda"),
        (Device.AUTO, False, "cpu"),
        (Device.CPU, True, "cpu"),
        (Device.CUDA, True, "cuda"),
    ],
)
def test_auto_takes_a_gpu_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, wanted: Device, found: str, *, has_gpu: bool
) -> None:
    """The CPU is used if asked for, even if there is a GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    assert find_device(wanted).type == found


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training never silently falls back to the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(
        MachineError, match=r"(?s)torch finds no GPU.*\"--device cuda\".*--device auto or cpu"
    ):
        find_device(Device.CUDA)


@pytest.mark.parametrize(
    ("wanted", "device", "problem"),
    [
        (
            Precision.FP16,
            "cpu",
            r"(?s)can't be used: on a CPU .*\"--precision fp16\".*auto or fp32",
        ),
        (Precision.BF16, "cpu", r"(?s)can't be used: on a CPU .*--precision bf16"),
        (Precision.BF16, "cuda", "this GPU doesn't support it"),
    ],
)
def test_a_precision_that_a_device_has_not_is_an_error(
    monkeypatch: pytest.MonkeyPatch, wanted: Precision, device: str, problem: str
) -> None:
    """No record names a precision that wasn't used."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    with pytest.raises(MachineError, match=problem):
        find_precision(wanted, torch.device(device))


@pytest.mark.parametrize(
    ("raised", "expected", "message"),
    [
        (
            torch.OutOfMemoryError("CUDA"),
            MachineError,
            "(?s)a batch of 64 images.*a smaller --batch-size",
        ),
        (OSError(errno.ENOSPC, "No space left"), FileAccessError, '(?s)No space left.*"run"'),
        (RuntimeError("[enforce fail at inline_container.cc:1] x"), FileAccessError, '"run"'),
        (RuntimeError("PytorchStreamWriter failed writing file"), FileAccessError, '"run"'),
        (RuntimeError("Parent directory run does not exist."), FileAccessError, '"run"'),
        (RuntimeError("File run/a.pkl cannot be opened."), FileAccessError, '"run"'),
    ],
)
def test_what_the_machine_raises_is_translated(
    raised: Exception, expected: type[Exception], message: str
) -> None:
    """Full memory and a full disk each have a message."""
    with (
        pytest.raises(expected, match=message),
        machine_errors(path=Path("run"), batch_size=64),
    ):
        raise raised


def test_a_bug_stays_a_bug() -> None:
    """Other runtime errors keep their traceback."""
    with (
        pytest.raises(RuntimeError, match="shapes differ"),
        machine_errors(path=Path("run"), batch_size=64),
    ):
        raise RuntimeError("shapes differ")

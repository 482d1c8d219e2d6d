"""Devices by name, and how many images at a time suit them."""

import re

import torch

from grader.errors import MachineError

CPU_BATCH_SIZE = 8
GPU_BATCH_SIZE = 64
FULL_BATCH_SIDE_PX = 320
DEVICE_NAMES = r"cpu|cuda(:\d+)?|mps"


def resolve_device(name: str) -> torch.device:
    """The device that a name stands for on this machine.

    Args:
        name: "auto" (a GPU where there is one, else the CPU), "cpu", "cuda", "cuda:N" or "mps".

    Raises:
        MachineError: If this machine has no such device.
    """
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        fallback = "mps" if has_mps else "cpu"
        return torch.device("cuda:0" if torch.cuda.is_available() else fallback)
    if re.fullmatch(DEVICE_NAMES, name) is None:
        raise _no_device(name, "there is no such device; write auto, cpu, cuda, cuda:N or mps")
    kind, _, number = name.partition(":")
    n_cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "cuda" and int(number or 0) >= n_cards:  # torch.device wraps a large number
        found = f"it has {n_cards} CUDA devices" if n_cards else "torch sees no CUDA device"
        raise _no_device(name, found)
    if kind == "mps" and not has_mps:
        raise _no_device(name, "torch sees no MPS device")
    return torch.device("cuda:0" if name == "cuda" else name)


def _no_device(name: str, found: str) -> MachineError:
    return MachineError(
        what=f"This machine can't run on {name}: {found}",
        where=f"--device {name}",
        advice="use --device auto or --device cpu, or a machine with such a device",
    )


def default_batch_size(device: torch.device, *, n_elements: int) -> int:
    """The batch size for a device: small on a CPU, where small batches are faster, larger on a GPU.

    It is smaller where images are large, so that a batch holds at most as many numbers as a full
    one of colour images of 320 x 320 pixels, but always at least one image.

    Args:
        device: Where the network runs.
        n_elements: Numbers in one image, over all its channels.
    """
    most = CPU_BATCH_SIZE if device.type == "cpu" else GPU_BATCH_SIZE
    return max(1, min(most, most * 3 * FULL_BATCH_SIDE_PX**2 // max(n_elements, 1)))


def device_name(device: torch.device) -> str:
    """The device, with the card's name if it is a GPU."""
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"

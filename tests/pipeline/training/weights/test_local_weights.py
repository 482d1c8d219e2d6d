"""Weights from the user's own files."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file
from torchvision import models

from hidden_test_spec.images import sha256_of
from pipeline.errors import WeightsError
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.weights import load_weights
from tests.pipeline.drawing import silent

RESNET18 = find_architecture("resnet18")
TINY = find_architecture("test_resnet")


class Payload:
    """Makes a folder if it is ever unpickled."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (os.mkdir, (str(self.sentinel),))


@pytest.mark.parametrize("name", ["given.pth", "test_resnet.safetensors", "model.safetensors"])
def test_a_file_of_timms_network_fills_the_body(tmp_path: Path, name: str) -> None:
    """Its old head is left out; the file's name and hash are recorded, but not its folder."""
    network = timm.create_model("test_resnet", num_classes=7)
    file = tmp_path / name
    if file.suffix == ".pth":
        torch.save({"state_dict": network.state_dict()}, file)
    else:
        save_file(network.state_dict(), file)
    found = load_weights(TINY, file if file.suffix == ".pth" else tmp_path, silent)
    assert found.state is not None
    assert found.state.keys() == timm.create_model("test_resnet", num_classes=0).state_dict().keys()
    assert all(torch.equal(network.state_dict()[key], found.state[key]) for key in found.state)
    assert (found.origin.source, found.origin.sha256) == (f"file {name}", sha256_of(file))


@pytest.mark.parametrize("name", ["resnet18-f37072fd.pth", "resnet18.pt"])
def test_a_folder_holds_torchvisions_file(tmp_path: Path, name: str) -> None:
    """It has the name it was published under, or the architecture's."""
    network = models.resnet18(weights=None)
    torch.save(network.state_dict(), tmp_path / name)
    found = load_weights(RESNET18, tmp_path, silent)
    assert found.state is not None
    assert torch.equal(found.state["7.1.conv2.weight"], network.layer4[1].conv2.weight)
    assert found.origin.source == f"file {name}"


def test_a_file_older_than_the_counters_of_batches_will_do(tmp_path: Path) -> None:
    """The first files of torchvision lack them; training starts them at 0."""
    state = models.resnet18(weights=None).state_dict()
    torch.save({key: state[key] for key in state if "tracked" not in key}, tmp_path / "old.pth")
    found = load_weights(RESNET18, tmp_path / "old.pth", silent)
    assert found.state is not None
    assert int(found.state["1.num_batches_tracked"]) == 0


def test_the_older_names_of_a_densenet_are_understood(tmp_path: Path) -> None:
    """They are in the files that torchvision publishes."""
    state = models.densenet121(weights=None).state_dict()
    old = {
        key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): state[key] for key in state
    }
    assert old.keys() != state.keys()
    torch.save(old, tmp_path / "densenet121.pth")
    found = load_weights(find_architecture("densenet121"), tmp_path, silent)
    assert found.state is not None
    name = "denseblock1.denselayer1.conv2.weight"
    assert torch.equal(found.state[f"0.{name}"], state[f"features.{name}"])


def test_weights_of_another_architecture_are_an_error(tmp_path: Path) -> None:
    """Tensors that don't fit are named; nothing is partly loaded."""
    torch.save(models.resnet34(weights=None).state_dict(), tmp_path / "resnet34.pth")
    with pytest.raises(
        WeightsError, match=r'another shape: "layer1.0.bn3.bias".* more(?s:.)*exactly this arch'
    ):
        load_weights(find_architecture("resnet50"), tmp_path / "resnet34.pth", silent)


def test_a_file_of_other_objects_is_refused_and_not_run(tmp_path: Path) -> None:
    """The payload in the file leaves no trace."""
    file = tmp_path / "file.pth"
    file.write_bytes(pickle.dumps(Payload(tmp_path / "sentinel"), protocol=2))
    with pytest.raises(WeightsError, match=r'file.pth" is not a weights file'):
        load_weights(RESNET18, file, silent)
    assert not (tmp_path / "sentinel").exists()


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, {"state_dict": {"a": "text"}}])
def test_a_file_without_tensors_is_an_error(tmp_path: Path, content: object) -> None:
    """It is a torch file, but holds no weights."""
    torch.save(content, tmp_path / "file.pth")
    with pytest.raises(WeightsError, match="something other than named tensors"):
        load_weights(RESNET18, tmp_path / "file.pth", silent)


@pytest.mark.parametrize("content", [b"", b"no tensors", b"PK\x03\x04"])
@pytest.mark.parametrize("name", ["file.pth", "file.safetensors"])
def test_a_broken_file_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    """No matter which error a library raises."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match="is not a weights file"):
        load_weights(RESNET18, tmp_path / name, silent)


def test_a_folder_without_the_file_is_an_error(tmp_path: Path) -> None:
    """The names that would work are listed."""
    with pytest.raises(WeightsError, match=r'holds none of.*"resnet18-f37072fd.pth"'):
        load_weights(RESNET18, tmp_path, silent)
    with pytest.raises(WeightsError, match="there is no file or folder"):
        load_weights(RESNET18, tmp_path / "missing", silent)

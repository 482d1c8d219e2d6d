import inspect

import pytest
import torch
from fastai.vision.learner import create_body, create_head, create_timm_model
from fastai.vision.models.xresnet import xresnet18
from torch import nn
from torchvision import models

from grader.loading.allowlist.module_checks import module_findings
from grader.loading.allowlist.rows import Plain
from grader.loading.allowlist.table import TORCH
from grader.loading.rebuilding.rebuild import rebuild_model
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.modules import assert_equal, noise, rebuilt, saved


class Own(nn.Module):
    """A network of a student's own."""


LAYERS = {
    "convolution": (nn.Conv2d(3, 4, 3, stride=2, padding=1, padding_mode="reflect"), (2, 3, 9, 9)),
    "same padding": (nn.Conv2d(3, 6, (3, 1), padding="same", groups=3), (2, 3, 9, 9)),
    "transposed": (nn.ConvTranspose2d(3, 4, 3, stride=2, output_padding=1), (2, 3, 5, 5)),
    "no bias": (nn.Linear(6, 2, bias=False), (2, 6)),
    "batch norm": (nn.BatchNorm2d(3, eps=0.01), (2, 3, 5, 5)),
    "plain batch norm": (nn.BatchNorm1d(3, affine=False), (2, 3)),
    "group norm": (nn.GroupNorm(2, 4), (2, 4, 5, 5)),
    "layer norm": (nn.LayerNorm((4, 5)), (2, 3, 4, 5)),
    "local response norm": (nn.LocalResponseNorm(2), (2, 4, 5, 5)),
    "instance norm": (nn.InstanceNorm2d(3, affine=True), (2, 3, 5, 5)),
    "max pool": (nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True), (2, 3, 8, 8)),
    "average pool": (nn.AvgPool2d(3, stride=2, count_include_pad=False, padding=1), (2, 3, 8, 8)),
    "average pool with a divisor": (nn.AvgPool2d(2, divisor_override=3), (2, 3, 8, 8)),
    "upsample anew": (
        nn.Upsample(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True),
        (2, 3, 5, 5),
    ),
    "adaptive pool": (nn.AdaptiveAvgPool2d((None, 2)), (2, 3, 8, 8)),
    "upsample": (nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=True), (2, 3, 4, 4)),
    "pixel shuffle": (nn.PixelShuffle(2), (2, 8, 4, 4)),
    "unflatten": (nn.Unflatten(1, (2, 2)), (2, 4, 3)),
    "constant pad": (nn.ConstantPad2d((1, 2, 0, 1), 0.5), (2, 3, 4, 4)),
    "leaky": (nn.LeakyReLU(0.2), (2, 3)),
    "random leaky": (nn.RReLU(), (2, 3)),
    "gelu": (nn.GELU(approximate="tanh"), (2, 3)),
    "softplus": (nn.Softplus(beta=2.0), (2, 3)),
    "learned slope": (nn.PReLU(3), (2, 3, 4, 4)),
    "softmax": (nn.Softmax(dim=1), (2, 3)),
    "several cards": (nn.DataParallel(nn.Linear(4, 2)), (2, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_of_torch_comes_back_to_the_bit(name: str) -> None:
    """With its settings and its numbers."""
    layer, shape = LAYERS[name]
    assert_equal(layer, *shape)


@pytest.mark.parametrize(
    "name",
    [
        *("resnet18", "alexnet", "squeezenet1_1", "densenet121"),
        *("mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "efficientnet_b0"),
        *("mnasnet0_5", "regnet_y_400mf", "convnext_tiny", "swin_t"),
    ],
)
def test_a_whole_model_of_torchvision_comes_back_to_the_bit(name: str) -> None:
    """Residual blocks as our own modules, the others as torchvision has them."""
    torch.manual_seed(2)
    assert_equal(models.get_model(name, weights=None, num_classes=3), 2, 3, 64, 64)


@pytest.mark.parametrize("name", ["efficientnet_lite0", "convnext_atto", "vit_tiny_patch16_224"])
def test_a_model_of_timm_as_fastai_builds_it_comes_back_to_the_bit(name: str) -> None:
    """With fastai's head."""
    torch.manual_seed(2)
    model, _ = create_timm_model(name, 3, pretrained=False)
    assert_equal(model, 2, 3, 224, 224)


def test_a_body_of_fastai_with_its_head_comes_back_to_the_bit() -> None:
    """As vision_learner joins them."""
    torch.manual_seed(2)
    body = create_body(models.resnet18(weights=None), n_in=3, pretrained=False, cut=-2)
    assert_equal(nn.Sequential(body, create_head(512, 3)), 2, 3, 64, 64)


def test_an_xresnet_with_attention_comes_back_to_the_bit() -> None:
    """Its spectral norm is worked out once; nothing stays hooked on."""
    torch.manual_seed(2)
    model = xresnet18(n_out=3, sa=True)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("gamma"):
                parameter.fill_(0.7)
    model(noise(4, 3, 64, 64))  # one pass in training, for the norm's vectors
    assert_equal(model, 2, 3, 64, 64)
    assert not any(vars(module)["_forward_pre_hooks"] for module in rebuilt(model).modules())


def test_a_weight_norm_is_worked_out() -> None:
    """Direction and length become a weight."""
    with pytest.warns(FutureWarning, match="weight_norm"):
        layer = nn.utils.weight_norm(nn.Linear(4, 3))
    with torch.no_grad():
        dict(layer.named_parameters())["weight_g"].mul_(3)
    assert_equal(layer, 2, 4)


def test_a_module_in_several_places_is_one() -> None:
    """Also where its first place stands before, and its second after, another module."""
    shared = nn.Linear(4, 4)
    model = nn.Sequential(nn.Sequential(shared), nn.Sequential(nn.ReLU(), shared))
    assert_equal(model, 2, 4)
    again = rebuilt(model)
    assert again.get_submodule("0.0") is again.get_submodule("1.1")


def test_everything_is_in_eval_mode_and_single_precision() -> None:
    """Even if the file says otherwise."""
    again = rebuilt(nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).half().train())
    assert not any(module.training for module in again.modules())
    assert {tensor.dtype for tensor in again.parameters()} == {torch.float32}


def test_numbers_that_do_not_fit_the_settings_are_refused() -> None:
    """The message names both shapes."""
    layer = nn.Linear(4, 3)
    layer.out_features = 5
    model, graph = saved(layer)
    with pytest.raises(RefusedExportError, match=r"weight of shape \(3, 4\) where .* \(5, 4\)"):
        rebuild_model(model, graph)


def test_a_parameter_that_a_layer_does_not_have_is_refused() -> None:
    """By name."""
    layer = nn.ReLU()
    layer.register_parameter("extra", nn.Parameter(torch.ones(1)))
    model, graph = saved(layer)
    with pytest.raises(RefusedExportError, match=r"too many or too few tensors: .*extra"):
        rebuild_model(model, graph)


def test_a_huge_layer_shown_by_one_number_is_refused_without_its_memory() -> None:
    """One float with stride 0 for 256 x 256 weights, hundreds of times."""
    one = torch.ones(1)
    model = nn.Sequential()
    for _ in range(200):
        layer = nn.Linear(1, 1, bias=False)
        layer.weight = nn.Parameter(one.expand(256, 256))
        layer.in_features = layer.out_features = 256
        model.append(layer)
    record, graph = saved(model)
    assert list(module_findings(record)) == []
    with pytest.raises(RefusedExportError, match="far more numbers than the file holds"):
        rebuild_model(record, graph)


def test_a_class_that_the_package_lacks_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package's version."""
    monkeypatch.setattr(Own, "__module__", "torchvision.models.vgg")
    monkeypatch.setattr(models.vgg, "Own", Own, raising=False)
    model, graph = saved(Own())
    monkeypatch.delattr(models.vgg, "Own")
    with pytest.raises(RefusedExportError, match=r'class "Own" of "torchvision\.models\.vgg"'):
        rebuild_model(model, graph)


def test_an_attribute_in_the_place_of_a_method_is_refused() -> None:
    """Of a class of torchvision, whose other attributes are taken."""
    network = models.vgg11(weights=None, num_classes=2)
    network.__dict__["_initialize"] = 1
    network.__dict__["register_buffer"] = 1
    model, graph = saved(network)
    with pytest.raises(RefusedExportError, match="register_buffer"):
        rebuild_model(model, graph)


# Arguments without a say in a grade: memory, how a layer begins, how it trains, old spellings,
# and whether a norm has a bias, which its tensors tell.
IDLE_ARGUMENTS = {
    *("device", "dtype", "init", "dropout", "p", "min_value", "max_value", "bias"),
    *("self", "args", "kwargs"),
}


@pytest.mark.parametrize("name", [name for name, row in TORCH.items() if isinstance(row, Plain)])
def test_every_setting_of_a_layer_is_read(name: str) -> None:
    """One that was overlooked would change the layer without a word."""
    row = TORCH[name]
    assert isinstance(row, Plain)
    wanted = set(inspect.signature(getattr(nn, row.name).__init__).parameters) - IDLE_ARGUMENTS
    idle = {"inplace"} if "Dropout" in name else set()
    assert wanted - idle <= {*row.settings, *row.flag_of}
    assert {*row.settings} <= wanted


def test_a_function_of_a_library_s_class_is_not_replaced_by_its_own() -> None:
    """An attribute that can't be taken, where the class has one of that name, is a refusal."""
    network = models.squeezenet1_1(weights=None, num_classes=2)
    network.features[3].__dict__["share_memory"] = print
    model, graph = saved(network)
    with pytest.raises(RefusedExportError, match="share_memory"):
        rebuild_model(model, graph)

"""Architectures by name."""

import pytest

from pipeline.errors import UsageError
from pipeline.training.weights.architectures import Library, build_errors, find_architecture

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    ("name", "library", "statistics"),
    [
        ("resnext50_32x4d", Library.TORCHVISION, IMAGENET),
        ("vgg16", Library.TORCHVISION, IMAGENET),
        ("resnet18", Library.TORCHVISION, IMAGENET),
        ("googlenet", Library.TORCHVISION, HALVES),
        ("tf_efficientnet_lite0", Library.TIMM, HALVES),
        ("resnet50.a1_in1k", Library.TIMM, IMAGENET),
    ],
)
def test_each_architecture_has_its_weights_normalisation(
    name: str,
    library: Library,
    statistics: tuple[tuple[float, ...], tuple[float, ...]],
) -> None:
    """It is known for every architecture, even if fastai's own table has no entry.

    googlenet's full model turns ImageNet's normalisation into halves; its body does not.
    """
    found = find_architecture(name)
    assert (found.name, found.library) == (name, library)
    assert (found.normalisation.mean, found.normalisation.std) == statistics


def test_an_unknown_name_is_an_error_with_similar_names() -> None:
    """A typing error is answered with the name that was meant."""
    with pytest.raises(UsageError, match=r'"resnext50_32x4".*"resnext50_32x4d"'):
        find_architecture("resnext50_32x4")


def test_a_tag_that_an_architecture_has_not_is_no_name() -> None:
    """The one it has is among the similar names."""
    with pytest.raises(UsageError, match=r'"resnet50\.a1_in2k".*"resnet50\.a1_in1k"'):
        find_architecture("resnet50.a1_in2k")


@pytest.mark.parametrize("error", [RuntimeError("4D expected\nmore"), StopIteration("4D expected")])
def test_what_a_misfit_raises_is_translated(error: Exception) -> None:
    """The message holds the first line of the reason."""
    architecture = find_architecture("resnet18")
    with (
        pytest.raises(UsageError, match=r"with a new head \(4D expected\)"),
        build_errors(architecture),
    ):
        raise error

"""The transforms of fastai 2 that the grader performs: what each does to a validation image.

A row says how settings become a step. Only transforms of validation images, tensors or batches are
here; a class without a row is unknown, even if its name sounds familiar.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from grader.loading.transforms.transform_settings import (
    MAX_SIDE_PX,
    Settings,
    UnknownSettingError,
    checked_size,
)
from grader.results.preprocessing import (
    CropAndSample,
    CropOrPad,
    GridMode,
    ImageStep,
    PadMode,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeMethod,
    SampleGrid,
    Standardize,
    TensorStep,
    ToFloat,
)

PAD_MODES: tuple[PadMode, ...] = get_args(PadMode)
GRID_MODES: tuple[GridMode, ...] = get_args(GridMode)

# What fastai turns a plain function into, before 2.8 and since.
PLAIN_TRANSFORMS = ("fastcore.transform.Transform", "fasttransform.transform.Transform")
# The step from a picture to a tensor; it has no settings and so no row below.
TO_TENSOR = "fastai.data.transforms.ToTensor"
NORMALIZE = "fastai.data.transforms.Normalize"

_RESIZE_METHODS: tuple[ResizeMethod, ...] = get_args(ResizeMethod)
_LEAST_DEVIATION = 1e-12

Target: TypeAlias = Literal["picture", "tensor", "batch"]
_Reader: TypeAlias = Callable[[Settings], ImageStep | TensorStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTransform:
    """How the grader follows a class of fastai.

    Attributes:
        target: What it acts on; anything else is left unchanged.
        read: Makes its step from its settings; None if it is random and may act in training only.
        read_one: The same for the tensor of one image; None if it works on batches only.
        trains_only: Its class says so (split_idx is 0), and an object may say otherwise.
        asks_each_time: It acts for the side that it is called on, even if the object says
            otherwise.
    """

    target: Target
    read: _Reader | None
    read_one: _Reader | None = None
    trains_only: bool = False
    asks_each_time: bool = False


def _resize(settings: Settings) -> ImageStep:
    return ResizeImage(
        size=settings.size("size"),
        method=_resize_method(settings.value("method")),
        pad_mode=settings.choice("pad_mode", PAD_MODES),
        resample=settings.resample("mode"),
        skips_single_pixel=False,
    )


def _resize_method(found: object) -> ResizeMethod:
    """What a method means to fastai, which crops for one that it doesn't know, as 224 or "Pad"."""
    return next((method for method in _RESIZE_METHODS if found == method), "crop")


def _crop_or_pad(settings: Settings) -> ImageStep:
    pad_mode = settings.choice("pad_mode", PAD_MODES)
    return CropOrPad(size=settings.size("size"), pad_mode=pad_mode)


def _random_crop(settings: Settings) -> ImageStep:
    return CropOrPad(size=settings.size("size"), pad_mode="zeros")


def _resize_and_crop(settings: Settings) -> ImageStep:
    width, height = settings.size("size")
    share = settings.number("val_xtra", low=0, high=MAX_SIDE_PX)
    extra = math.ceil(max(width, height) * share / 8) * 8
    return ResizeAndCrop(
        resized=checked_size((width + extra, height + extra), "size with val_xtra"),
        size=(width, height),
        resample=settings.resample("mode"),
    )


def _resize_longest(settings: Settings) -> ImageStep:
    side_px, _ = settings.size("max_sz")
    resamples = settings.value("resamples")
    if not isinstance(resamples, (tuple, list)) or not resamples:
        raise UnknownSettingError("whose resamples are not filters of PIL")
    return ResizeLongest(
        side_px=side_px, resample=Settings({"mode": resamples[0]}).resample("mode")
    )


def _sample_grid(settings: Settings) -> TensorStep:
    return SampleGrid(
        size=None if settings.value("size") is None else settings.size("size"),
        mode=settings.choice("mode", GRID_MODES),
        pad_mode=settings.choice("pad_mode", PAD_MODES),
        align_corners=settings.flag("align_corners"),
    )


def _crop_and_sample(settings: Settings) -> TensorStep:
    match settings.value("ratio"):
        case (int() | float() as least, int() | float() as largest) if 0 < least <= largest:
            ratios = (least, largest)
        case _:
            raise UnknownSettingError("whose ratio is not two positive numbers")
    return CropAndSample(
        size=None if settings.value("size") is None else settings.size("size"),
        ratios=ratios,
        scale=settings.number("valid_scale", low=0.001, high=1),
        mode=settings.choice("mode", GRID_MODES),
    )


def _to_float(settings: Settings) -> TensorStep:
    return ToFloat(divisor=settings.number("div", low=1e-6, high=1e6))


def standardize(
    settings: Settings, *, shapes: tuple[tuple[int, ...], ...] = ((3, 1, 1), (1, 3, 1, 1))
) -> TensorStep:
    """Mean and deviation of a normalisation: one number each, or three in the channels' order.

    Args:
        settings: The transform's settings.
        shapes: The shapes in which three numbers run along the channels of a batch.

    Raises:
        UnknownSettingError: If they have another form, or a deviation is almost 0.
    """
    std = settings.channel_values("std", shapes=shapes)
    if min(map(abs, std)) < _LEAST_DEVIATION:
        raise UnknownSettingError("whose std is 0, so it would divide by 0")
    return Standardize(mean=settings.channel_values("mean", shapes=shapes), std=std)


def _standardize_one(settings: Settings) -> TensorStep:
    return standardize(settings, shapes=((3, 1, 1),))


_GRID = KnownTransform(target="batch", read=_sample_grid, asks_each_time=True)
_RANDOM = KnownTransform(target="batch", read=None, trains_only=True)
_RANDOM_CROP = KnownTransform(target="picture", read=_random_crop)

KNOWN_TRANSFORMS: Mapping[str, KnownTransform] = MappingProxyType(
    {
        "fastai.vision.augment.Resize": KnownTransform(target="picture", read=_resize),
        "fastai.vision.augment.CropPad": KnownTransform(target="picture", read=_crop_or_pad),
        "fastai.vision.augment.OldRandomCrop": KnownTransform(target="picture", read=_crop_or_pad),
        "fastai.vision.augment.RandomCrop": _RANDOM_CROP,
        "fastai.vision.augment.RandomResizedCrop": KnownTransform(
            target="picture", read=_resize_and_crop
        ),
        "fastai.vision.augment.RatioResize": KnownTransform(target="picture", read=_resize_longest),
        "fastai.vision.augment.FlipItem": _RANDOM,
        "fastai.vision.augment.DihedralItem": _RANDOM,
        "fastai.vision.augment.RandTransform": _RANDOM,
        "fastai.vision.augment.AffineCoordTfm": _GRID,
        "fastai.vision.augment.Flip": _GRID,
        "fastai.vision.augment.DeterministicFlip": _GRID,
        "fastai.vision.augment.Dihedral": _GRID,
        "fastai.vision.augment.DeterministicDihedral": _GRID,
        "fastai.vision.augment.Rotate": _GRID,
        "fastai.vision.augment.Zoom": _GRID,
        "fastai.vision.augment.Warp": _GRID,
        "fastai.vision.augment.RandomResizedCropGPU": KnownTransform(
            target="batch", read=_crop_and_sample
        ),
        "fastai.vision.augment.SpaceTfm": _RANDOM,
        "fastai.vision.augment.LightingTfm": _RANDOM,
        "fastai.vision.augment.Brightness": _RANDOM,
        "fastai.vision.augment.Contrast": _RANDOM,
        "fastai.vision.augment.Saturation": _RANDOM,
        "fastai.vision.augment.HSVTfm": _RANDOM,
        "fastai.vision.augment.Hue": _RANDOM,
        "fastai.vision.augment.RandomErasing": _RANDOM,
        "fastai.data.transforms.IntToFloatTensor": KnownTransform(
            target="batch", read=_to_float, read_one=_to_float
        ),
        NORMALIZE: KnownTransform(target="batch", read=standardize, read_one=_standardize_one),
    }
)

"""What an export does to an image before its network, as frozen values in running order.

Sizes of pictures are (width, height) in pixels, as PIL has them; sizes of batches (height, width).
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

ImageMode: TypeAlias = Literal["RGB", "L"]
ResizeMethod: TypeAlias = Literal["crop", "pad", "squish"]
PadMode: TypeAlias = Literal["zeros", "border", "reflection"]
GridMode: TypeAlias = Literal["bilinear", "nearest", "bicubic"]
Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeImage:
    """Resize a picture, keeping its proportions by a central crop or padding, or squishing it.

    Attributes:
        size: Width and height of the result.
        method: Crop, pad, or squish, which changes the proportions.
        pad_mode: What fills the space beyond the edge.
        resample: PIL's filter, by its number.
        skips_single_pixel: fastai before 2.5.2 doesn't pad if only one row or column is missing.
    """

    size: Size
    method: ResizeMethod
    pad_mode: PadMode
    resample: int
    skips_single_pixel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CropOrPad:
    """Crop a picture to a size around its centre; pad it where it is smaller."""

    size: Size
    pad_mode: PadMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeAndCrop:
    """Squish a picture to a somewhat larger size, then crop the centre."""

    resized: Size
    size: Size
    resample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeLongest:
    """Resize a picture so that its longer side has a given length; the shorter is rounded down."""

    side_px: int
    resample: int


ImageStep: TypeAlias = ResizeImage | CropOrPad | ResizeAndCrop | ResizeLongest


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFloat:
    """Turn integers into single precision and divide them."""

    divisor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleGrid:
    """Resample pictures on a regular grid, as an inactive augmentation does.

    Attributes:
        size: Height and width of the result; None keeps the size, but resamples the values.
        mode: How values between pixels are found.
        pad_mode: What fills the space beyond the edge.
        align_corners: Whether the outermost samples are at pixel centres rather than edges.
    """

    size: Size | None
    mode: GridMode
    pad_mode: PadMode
    align_corners: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CropAndSample:
    """Crop the centre of a batch, then resample it to a size.

    Attributes:
        size: Height and width of the result; None keeps the crop as it is.
        ratios: Smallest and largest ratio of width to height of the crop.
        scale: Share of each side that is kept.
        mode: How values between pixels are found.
    """

    size: Size | None
    ratios: tuple[float, float]
    scale: float
    mode: GridMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardize:
    """Subtract a mean and divide by a deviation: one for each channel, or one for all."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoom:
    """How far fastai 1 zooms in, and where.

    Attributes:
        scale: More than 1 enlarges.
        row: Focus from the top (0) to the bottom (1).
        column: Focus from the left (0) to the right (1).
    """

    scale: float
    row: float
    column: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeTensor:
    """What fastai 1 does to one picture: resample it to fit, then crop or pad its centre.

    Attributes:
        size: Height and width of the result; None keeps the size.
        method: Crop, pad or squish.
        pad_mode: What fills the space beyond the edge.
        mode: How values between pixels are found.
        align_corners: Whether the outermost samples are at pixel centres rather than edges.
        is_stepwise: Whether samples are found by steps from the first one on, as torch up to 1.4
            did, and not from both ends. Positions differ in their last digit, which decides where a
            sample lies halfway between two pixels.
        zoom: Applied while resampling; None where the export has none.
    """

    size: Size | None
    method: ResizeMethod
    pad_mode: PadMode
    mode: GridMode
    align_corners: bool = True
    is_stepwise: bool = False
    zoom: Zoom | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CropTensor:
    """Cut a part out of one picture, as fastai 1 does.

    Attributes:
        size: Height and width of the part.
        row: Focus from the top (0) to the bottom (1).
        column: Focus from the left (0) to the right (1).
    """

    size: Size
    row: float
    column: float


TensorStep: TypeAlias = (
    ToFloat | SampleGrid | CropAndSample | Standardize | ResizeTensor | CropTensor
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """Everything between an image file and the network's input.

    Attributes:
        mode: What a file is converted to: RGB has 3 channels, L has 1.
        image_steps: On the picture, before it becomes a tensor of (channels, height, width).
        tensor_steps: On that tensor of one picture.
        batch_steps: On a batch of them, as (n_images, channels, height, width).
        left_out: The student's own transforms, which can't be read and are not carried out.
    """

    mode: ImageMode
    image_steps: tuple[ImageStep, ...]
    tensor_steps: tuple[TensorStep, ...]
    batch_steps: tuple[TensorStep, ...]
    left_out: tuple[str, ...]

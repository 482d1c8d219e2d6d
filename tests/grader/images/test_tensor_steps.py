import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.data.block import CategoryBlock
from fastai.data.transforms import IntToFloatTensor, Normalize
from fastai.vision.augment import (
    Brightness,
    CropPad,
    Dihedral,
    DihedralItem,
    Flip,
    FlipItem,
    Hue,
    OldRandomCrop,
    RandomCrop,
    RandomErasing,
    RandomResizedCrop,
    RandomResizedCropGPU,
    RatioResize,
    Resize,
    Rotate,
    Saturation,
    Warp,
    Zoom,
    aug_transforms,
)
from fastai.vision.core import PILImageBW
from fastai.vision.data import ImageBlock
from PIL import Image

from grader.images.tensor_steps import prepare_batch, prepare_image
from grader.results.preprocessing import Preprocessing, SampleGrid, Standardize, ToFloat
from tests.grader.pictures import CPU, input_of_fastai, input_of_grader, loaders_of, plan_of

BICUBIC, LANCZOS, NEAREST = (
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.NEAREST,
)
PICTURE_TRANSFORMS = {
    "crop": [Resize(32)],
    "crop to a rectangle": [Resize((24, 41))],
    "squish": [Resize((37, 20), method="squish")],
    "a method that fastai doesn't know": [Resize(24, "Squish")],
    "a second side in the place of the method": [Resize(24, 40)],
    "pad with zeros": [Resize((24, 40), method="pad", pad_mode="zeros")],
    "pad with the border": [Resize((40, 24), method="pad", pad_mode="border")],
    "pad with a reflection": [Resize(33, method="pad")],
    "bicubic": [Resize(32, resamples=(BICUBIC, NEAREST))],
    "Lanczos": [Resize(32, method="squish", resamples=(LANCZOS, NEAREST))],
    "a resampling as a number": [Resize(32, method="squish", resamples=(4, 0))],
    "larger than any picture": [Resize(520)],
    "random crops": [RandomResizedCrop(40, min_scale=0.5)],
    "random crops with a margin": [RandomResizedCrop((40, 56), val_xtra=0.4)],
    "random crops without a margin": [RandomResizedCrop(40, val_xtra=0, resamples=(BICUBIC, 0))],
    "crop or pad": [CropPad(45)],
    "crop or pad with the border": [CropPad((70, 35), pad_mode="border")],
    "crop or pad with a reflection": [CropPad((35, 90), pad_mode="reflection")],
    "a crop without resizing": [RandomCrop((31, 50))],
    "an old crop": [OldRandomCrop(45)],
    "a flip in training": [Resize(32), FlipItem(), DihedralItem()],
    "two sizes": [CropPad(100), Resize(32)],
}
BATCH_TRANSFORMS = {
    "augmentation": aug_transforms(),
    "a size": aug_transforms(size=28),
    "a rectangle": aug_transforms(size=(20, 36)),
    "a size far smaller": aug_transforms(size=13),
    "a size far smaller, edge to edge": aug_transforms(size=13, align_corners=False),
    "almost half a size, edge to edge": aug_transforms(size=24, align_corners=False),
    "less than half a size, edge to edge": aug_transforms(size=23, align_corners=False),
    "a size far smaller in one direction": aug_transforms(size=(13, 64)),
    "a size that is larger": aug_transforms(size=90),
    "other edges": aug_transforms(align_corners=False, pad_mode="zeros"),
    "a border": [Flip(size=28, align_corners=False, pad_mode="border")],
    "nearest": aug_transforms(size=28, mode="nearest"),
    "bicubic": aug_transforms(size=28, mode="bicubic"),
    "dihedral": aug_transforms(flip_vert=True),
    "a crop of the batch": aug_transforms(size=28, min_scale=0.5),
    "a crop of the batch without a size": aug_transforms(min_scale=0.5),
    "crops on the GPU": [RandomResizedCropGPU(28)],
    "a share of the centre": [RandomResizedCropGPU((28, 20), valid_scale=0.7, ratio=(1.2, 2))],
    "a narrow centre": [RandomResizedCropGPU(28, ratio=(0.2, 0.6), mode="nearest")],
    "one by one": [Dihedral(), Rotate(), Zoom(), Warp(draw_x=lambda x: x.new_zeros(len(x)))],
    "lighting": [Brightness(), Saturation(), Hue()],
    "erasing": [RandomErasing()],
    "normalised": [Normalize.from_stats([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])],
    "normalised together": [Normalize.from_stats([0.5], [0.25])],
    "normalised by whole numbers": [Normalize.from_stats([0, 1, 2], [1, 2, 3])],
    "everything": [
        *aug_transforms(size=28),
        Normalize.from_stats([0.5] * 3, [0.25] * 3),
        RandomErasing(),
    ],
    "a resizing that does nothing to tensors": [Resize(20), *aug_transforms()],
}


def read_and_compare(
    paths: Sequence[Path], path: Path, *transforms: Any, **others: Any
) -> Preprocessing:
    """The plan, after asserting that grader and fastai make the same numbers of it."""
    loaders = loaders_of(paths, *transforms, **others)
    preprocessing, findings = plan_of(loaders, path)
    assert preprocessing is not None, findings
    expected = input_of_fastai(loaders, paths)
    found = input_of_grader(preprocessing, paths)
    assert expected.dtype == found.dtype == torch.float32
    assert torch.equal(found, expected)
    return preprocessing


@pytest.mark.parametrize("name", PICTURE_TRANSFORMS)
def test_a_picture_becomes_what_fastai_makes_of_it(
    pictures: tuple[Path, ...], tmp_path: Path, name: str
) -> None:
    """To the bit, for pictures of every mode and for sizes of one pixel."""
    read_and_compare(pictures, tmp_path / "a.pkl", [*PICTURE_TRANSFORMS[name], CropPad(41)])


@pytest.mark.parametrize("name", BATCH_TRANSFORMS)
def test_a_batch_becomes_what_fastai_makes_of_it(
    pictures: tuple[Path, ...], tmp_path: Path, name: str
) -> None:
    """To the bit, an augmentation's resampling on a regular grid included."""
    read_and_compare(pictures, tmp_path / "a.pkl", Resize((50, 64)), BATCH_TRANSFORMS[name])


@pytest.mark.parametrize(
    "last",
    [
        [IntToFloatTensor()],
        [IntToFloatTensor(div=1)],
        [IntToFloatTensor(), Normalize(torch.full((3, 1, 1), 0.5), torch.full((3, 1, 1), 0.25))],
    ],
)
def test_an_image_that_is_made_floating_point_by_itself_is_divided_twice(
    pictures: tuple[Path, ...], tmp_path: Path, last: Sequence[Any]
) -> None:
    """As in fastai, which divides the batch once more."""
    path = tmp_path / "a.pkl"
    plan = read_and_compare(pictures, path, [Resize(24), *last], aug_transforms())
    assert len(plan.tensor_steps) == len(last)


def test_grey_images_have_one_channel(pictures: tuple[Path, ...], tmp_path: Path) -> None:
    """PILImageBW converts files to grey, and one mean and deviation suit them."""
    blocks = (ImageBlock(cls=PILImageBW), CategoryBlock(vocab=["a"]))
    normalize = Normalize.from_stats([0.131], [0.308])
    plan = read_and_compare(
        pictures,
        tmp_path / "a.pkl",
        Resize(30, method="pad"),
        [*aug_transforms(), normalize],
        blocks=blocks,
    )
    assert plan.mode == "L"


def test_three_means_make_three_channels_of_grey(
    pictures: tuple[Path, ...], tmp_path: Path
) -> None:
    """As torch's rules for shapes have it, and so fastai."""
    blocks = (ImageBlock(cls=PILImageBW), CategoryBlock(vocab=["a"]))
    normalize = Normalize.from_stats([0.1, 0.2, 0.3], [0.5, 0.6, 0.7])
    read_and_compare(pictures, tmp_path / "a.pkl", Resize(30), normalize, blocks=blocks)


def test_a_longest_side_is_cut_evenly_where_fastai_cuts_at_random(
    pictures: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what fastai makes when its random numbers are a half; a warning says so."""
    monkeypatch.setattr(random, "random", lambda: 0.5)
    big_enough = [path for path in pictures if path.stem not in {"tall", "wide"}]
    loaders = loaders_of(big_enough, [RatioResize(44), Resize(30)])
    preprocessing, findings = plan_of(loaders, tmp_path / "a.pkl")
    assert preprocessing is not None
    assert [finding.severity for finding in findings] == ["warning"]
    expected = input_of_fastai(loaders, big_enough)
    assert torch.equal(input_of_grader(preprocessing, big_enough), expected)


@pytest.mark.filterwarnings("ignore:Default (affine_grid|grid_sample)")
def test_corners_that_are_not_set_are_not_aligned(
    pictures: tuple[Path, ...], tmp_path: Path
) -> None:
    """Torch takes nothing for no, and warns; fastai passes nothing on."""
    read_and_compare(
        pictures[:4], tmp_path / "a.pkl", Resize(30), Flip(size=28, align_corners=None)
    )


@pytest.mark.parametrize("name", ["a size far smaller", "crops on the GPU", "everything"])
def test_a_picture_does_not_depend_on_its_batch_mates(
    pictures: tuple[Path, ...], tmp_path: Path, name: str
) -> None:
    """Alone it gives the same numbers as in a batch."""
    loaders = loaders_of(pictures, Resize((50, 64)), BATCH_TRANSFORMS[name])
    plan, _ = plan_of(loaders, tmp_path / "a.pkl")
    assert plan is not None
    together = input_of_grader(plan, pictures[:5])
    alone = torch.cat([input_of_grader(plan, [path]) for path in pictures[:5]])
    assert torch.equal(together, alone)


def test_a_large_photo_fits() -> None:
    """Of 6000 x 4000 pixels, which becomes a small tensor."""
    plan = Preprocessing(
        mode="RGB",
        image_steps=(),
        tensor_steps=(),
        batch_steps=(
            ToFloat(divisor=255.0),
            SampleGrid(size=(8, 12), mode="bilinear", pad_mode="reflection", align_corners=True),
            Standardize(mean=(0.0,), std=(2.0,)),
        ),
        left_out=(),
    )
    photo = Image.new("RGB", (6000, 4000), (51, 102, 255))
    batch = prepare_batch([prepare_image(photo, plan)], CPU, plan)
    expected = torch.tensor([0.1, 0.2, 0.5]).view(1, 3, 1, 1).expand(1, 3, 8, 12)
    torch.testing.assert_close(batch, expected, atol=2e-4, rtol=0)

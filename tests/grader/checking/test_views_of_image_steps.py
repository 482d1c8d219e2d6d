import json

import pytest

from grader.checking.views import image_steps_object, image_steps_text
from grader.results.preprocessing import (
    CropAndSample,
    CropOrPad,
    CropTensor,
    ImageStep,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeTensor,
    SampleGrid,
    Standardize,
    TensorStep,
    ToFloat,
    Zoom,
)


def plan(
    *steps: ImageStep, tensor_steps: tuple[TensorStep, ...] = (), left_out: tuple[str, ...] = ()
) -> Preprocessing:
    """A plan of colour images with these steps."""
    return Preprocessing(
        mode="RGB", image_steps=steps, tensor_steps=(), batch_steps=tensor_steps, left_out=left_out
    )


PICTURES: dict[str, ImageStep] = {
    "resize to 30 x 20, crop the excess": ResizeImage(
        size=(30, 20), method="crop", pad_mode="zeros", resample=2, skips_single_pixel=False
    ),
    "resize to 30 x 20, distort its proportions": ResizeImage(
        size=(30, 20), method="squish", pad_mode="zeros", resample=2, skips_single_pixel=False
    ),
    "resize to 30 x 20, pad with its reflection": ResizeImage(
        size=(30, 20), method="pad", pad_mode="reflection", resample=2, skips_single_pixel=False
    ),
    "crop 30 x 20 from its centre, or pad with its border": CropOrPad(
        size=(30, 20), pad_mode="border"
    ),
    "resize to 40 x 30, crop 30 x 20 from its centre": ResizeAndCrop(
        resized=(40, 30), size=(30, 20), resample=2
    ),
    "resize its longer side to 64": ResizeLongest(side_px=64, resample=2),
}
BATCHES: dict[str, TensorStep] = {
    "divide by 255": ToFloat(divisor=255.0),
    "resample in place": SampleGrid(
        size=None, mode="bilinear", pad_mode="zeros", align_corners=True
    ),
    "resample to 30 x 20": SampleGrid(
        size=(20, 30), mode="bilinear", pad_mode="zeros", align_corners=True
    ),
    "crop its centre, resample to 30 x 20": CropAndSample(
        size=(20, 30), ratios=(0.75, 1.33), scale=0.9, mode="bilinear"
    ),
    "subtract 0.5, 0.25 and divide by 0.125, 1": Standardize(mean=(0.5, 0.25), std=(0.125, 1.0)),
    "resample to 30 x 20, distort its proportions, enlarge by 2": ResizeTensor(
        size=(20, 30),
        method="squish",
        pad_mode="zeros",
        mode="bilinear",
        zoom=Zoom(scale=2.0, row=0.5, column=0.5),
    ),
    "crop 30 x 20": CropTensor(size=(20, 30), row=0.5, column=0.5),
    "crop its centre": CropAndSample(size=None, ratios=(1.0, 1.0), scale=1.0, mode="bilinear"),
    "resample to 30 x 20, pad with black": ResizeTensor(
        size=(20, 30), method="pad", pad_mode="zeros", mode="bilinear"
    ),
}


@pytest.mark.parametrize("phrase", PICTURES)
def test_a_step_on_a_picture_is_told_width_first(phrase: str) -> None:
    """After how the file is read."""
    assert list(image_steps_text(plan(PICTURES[phrase]))) == ["read in colour", phrase]


@pytest.mark.parametrize("phrase", BATCHES)
def test_a_step_on_a_batch_is_told_width_first_too(phrase: str) -> None:
    """Though batches have the height first."""
    told = list(image_steps_text(plan(tensor_steps=(BATCHES[phrase],))))

    assert told == ["read in colour", phrase]


def test_what_is_left_out_is_named_last() -> None:
    """So that nobody thinks that it is carried out."""
    assert list(image_steps_text(plan(left_out=("MyTransform",))))[-1] == "left out: MyTransform"


def test_values_say_of_which_kind_they_are() -> None:
    """JSON holds every number of a step."""
    step = ResizeLongest(side_px=64, resample=2)
    values = image_steps_object(plan(step, tensor_steps=(ToFloat(divisor=255.0),)))

    assert json.loads(json.dumps(values)) == {
        "mode": "RGB",
        "steps": [
            {"step": "ResizeLongest", "side_px": 64, "resample": 2},
            {"step": "ToFloat", "divisor": 255.0},
        ],
        "left_out": [],
    }

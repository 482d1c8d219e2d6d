"""What happens to an image, in Spanish; the views of inspections have it in English."""

from grader.results.preprocessing import (
    CropAndSample,
    CropOrPad,
    CropTensor,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeTensor,
    SampleGrid,
    Standardize,
    ToFloat,
    Zoom,
)
from grader.words.language import language_of
from grader.words.preprocessing import preprocessing_phrases

EVERYTHING = Preprocessing(
    mode="L",
    image_steps=(
        ResizeImage(
            size=(30, 20), method="pad", pad_mode="zeros", resample=2, skips_single_pixel=False
        ),
        CropOrPad(size=(30, 20), pad_mode="border"),
        ResizeAndCrop(resized=(40, 30), size=(30, 20), resample=2),
        ResizeLongest(side_px=64, resample=2),
    ),
    tensor_steps=(
        ToFloat(divisor=255.0),
        ResizeTensor(size=(20, 30), method="squish", pad_mode="zeros", mode="bilinear"),
        ResizeTensor(
            size=None,
            method="squish",
            pad_mode="zeros",
            mode="bilinear",
            zoom=Zoom(scale=1.5, row=0.5, column=0.5),
        ),
        CropTensor(size=(20, 30), row=0.5, column=0.5),
    ),
    batch_steps=(
        SampleGrid(size=None, mode="bilinear", pad_mode="zeros", align_corners=True),
        SampleGrid(size=(20, 30), mode="bilinear", pad_mode="zeros", align_corners=True),
        CropAndSample(size=None, ratios=(1.0, 1.0), scale=1.0, mode="bilinear"),
        CropAndSample(size=(20, 30), ratios=(0.75, 1.33), scale=0.9, mode="bilinear"),
        Standardize(mean=(0.5,), std=(0.25,)),
    ),
    left_out=("my_augment",),
)


def test_every_step_is_said_in_spanish() -> None:
    """In the order in which it happens."""
    assert list(preprocessing_phrases(EVERYTHING, language_of("es"))) == [
        "se lee en gris",
        "redimensionar a 30 x 20, rellenar con negro",
        "recortar 30 x 20 de su centro, o rellenar con su borde",
        "redimensionar a 40 x 30, recortar 30 x 20 de su centro",
        "redimensionar su lado mayor a 64",
        "dividir entre 255",
        "remuestrear a 30 x 20, cambiar sus proporciones",
        "remuestrear sin cambiar el tamaño, ampliar por 1.5",
        "recortar 30 x 20",
        "remuestrear sin cambiar el tamaño",
        "remuestrear a 30 x 20",
        "recortar su centro",
        "recortar su centro, remuestrear a 30 x 20",
        "restar 0.5 y dividir entre 0.25",
        "omitido: my_augment",
    ]

"""What an export does to an image before its network, in phrases.

Numbers are shown as the export has them, with a decimal point in every language.
"""

from collections.abc import Iterator

from grader.results.preprocessing import (
    CropAndSample,
    CropOrPad,
    CropTensor,
    ImageStep,
    PadMode,
    Preprocessing,
    ResizeAndCrop,
    ResizeImage,
    ResizeLongest,
    ResizeMethod,
    ResizeTensor,
    SampleGrid,
    Size,
    Standardize,
    TensorStep,
    ToFloat,
    Zoom,
)
from grader.words.language import Language


def preprocessing_phrases(preprocessing: Preprocessing, language: Language) -> Iterator[str]:
    """One phrase for each thing that happens to an image, in order, without a full stop."""
    is_colour = preprocessing.mode == "RGB"
    yield language.gettext("read in colour") if is_colour else language.gettext("read in greyscale")
    for image_step in preprocessing.image_steps:
        yield _picture_phrase(image_step, language)
    for tensor_step in (*preprocessing.tensor_steps, *preprocessing.batch_steps):
        yield _tensor_phrase(tensor_step, language)
    for name in preprocessing.left_out:
        yield language.gettext("left out: {name}").format(name=name)


def _picture_phrase(step: ImageStep, language: Language) -> str:
    match step:
        case ResizeImage():
            how = _how(step.method, step.pad_mode, language)
            phrase = language.gettext("resize to {size}, {how}")
            return phrase.format(size=_wide(step.size), how=how)
        case CropOrPad():
            phrase = language.gettext("crop {size} from its centre, or pad with {padding}")
            padding = _padding(step.pad_mode, language)
            return phrase.format(size=_wide(step.size), padding=padding)
        case ResizeAndCrop():
            phrase = language.gettext("resize to {resized}, crop {size} from its centre")
            return phrase.format(resized=_wide(step.resized), size=_wide(step.size))
        case ResizeLongest():
            phrase = language.gettext("resize its longer side to {side_px}")
            return phrase.format(side_px=step.side_px)


def _tensor_phrase(step: TensorStep, language: Language) -> str:
    match step:
        case ToFloat():
            return language.gettext("divide by {number}").format(number=f"{step.divisor:g}")
        case Standardize():
            phrase = language.gettext("subtract {means} and divide by {deviations}")
            return phrase.format(means=_numbers(step.mean), deviations=_numbers(step.std))
        case CropTensor():
            return language.gettext("crop {size}").format(size=_high(step.size))
        case ResizeTensor(zoom=Zoom(scale=scale)):
            phrase = language.gettext("{steps}, enlarge by {number}")
            return phrase.format(steps=_sampling_phrase(step, language), number=f"{scale:g}")
    return _sampling_phrase(step, language)


def _sampling_phrase(step: SampleGrid | CropAndSample | ResizeTensor, language: Language) -> str:
    if step.size is None:
        is_cropped = isinstance(step, CropAndSample)
        whole = language.gettext("resample in place")
        return language.gettext("crop its centre") if is_cropped else whole
    size = _high(step.size)
    match step:
        case SampleGrid():
            return language.gettext("resample to {size}").format(size=size)
        case CropAndSample():
            return language.gettext("crop its centre, resample to {size}").format(size=size)
        case ResizeTensor():
            how = _how(step.method, step.pad_mode, language)
            return language.gettext("resample to {size}, {how}").format(size=size, how=how)


def _how(method: ResizeMethod, pad_mode: PadMode, language: Language) -> str:
    if method == "crop":
        return language.gettext("crop the excess")
    if method == "squish":
        return language.gettext("distort its proportions")
    padding = _padding(pad_mode, language)
    return language.gettext("pad with {padding}").format(padding=padding)


def _padding(mode: PadMode, language: Language) -> str:
    match mode:
        case "zeros":
            return language.gettext("black")
        case "border":
            return language.gettext("its border")
        case "reflection":
            return language.gettext("its reflection")


def _wide(size: Size) -> str:
    width, height = size
    return f"{width} x {height}"


def _high(size: Size) -> str:
    """A batch's size, which has its height first, as width x height."""
    height, width = size
    return f"{width} x {height}"


def _numbers(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)

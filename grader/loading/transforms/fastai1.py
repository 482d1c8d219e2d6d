"""What an export of fastai 1 does to a validation image, read from the inert graph."""

from collections.abc import Iterator, Mapping

from grader.loading.inert.nodes import CallNode, Node, path_of
from grader.loading.inert.objects import items_of, named_pairs_of
from grader.loading.learner.inspection import Finding, ModuleRecord
from grader.loading.learner.versions import TorchPeriod, torch_period
from grader.loading.transforms.fastai1_transforms import Fastai1Transforms, read_transforms
from grader.loading.transforms.known_transforms import GRID_MODES, PAD_MODES, standardize
from grader.loading.transforms.transform_reading import transform_finding
from grader.loading.transforms.transform_settings import Settings, UnknownSettingError, checked_size
from grader.results.preprocessing import (
    Preprocessing,
    ResizeMethod,
    ResizeTensor,
    Size,
    TensorStep,
    ToFloat,
)
from hidden_test_spec.errors import quote

_IMAGES = "fastai.vision.data.ImageList"
_METHOD = "fastai.vision.image.ResizeMethod"
# fastai 1's ResizeMethod counts from 1; 4 is no resizing.
_METHODS: tuple[ResizeMethod, ...] = ("crop", "pad", "squish")
_ARGUMENTS = frozenset(
    ("size", "resize_method", "mult", "padding_mode", "mode", "remove_out", "do_resolve")
)
# Between pixels, fastai up to 1.0.60 left it to torch where corners are; torch 1.3 moved them.
_UNSURE_OF_CORNERS: Mapping[TorchPeriod, str] = {
    "1.3 to 1.4": "it resizes images as fastai up to 1.0.60 does with its torch, 1.3 or 1.4; if "
    "fastai 1.0.61 made it, which it doesn't show, its probabilities are slightly different",
    "1.5 or later": "it resizes images as fastai 1.0.61 does with its torch, 1.5 or later; if an "
    "older fastai made it, which it doesn't show, its probabilities are slightly different",
}


def read_fastai1(
    data: Mapping[str, Node], model: ModuleRecord
) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
    """The same as `read_preprocessing`, from the description of the data that fastai 1 exports.

    Args:
        data: The description.
        model: The export's network, which shows the version of torch.
    """
    reasons = list(_reasons_against(data))
    steps: list[TensorStep] = [ToFloat(divisor=255.0)]
    batch_steps: tuple[TensorStep, ...] = ()
    transforms, unknown = read_transforms(items_of(data.get("tfms")) or ())
    reasons.extend(unknown)
    period = torch_period(model)
    try:
        steps.extend(_steps(data.get("tfmargs"), transforms, period))
    except UnknownSettingError as error:
        reasons.append(f"its images are resized in a way {error}")
    try:
        batch_steps = _normalize(data.get("normalize"))
    except UnknownSettingError as error:
        reasons.append(f"its images go through normalize, {error}")
    if reasons:
        return None, tuple(transform_finding("refusal", reason) for reason in reasons)
    preprocessing = Preprocessing(
        mode="RGB",
        image_steps=(),
        tensor_steps=tuple(steps),
        batch_steps=batch_steps,
        left_out=(),
    )
    return preprocessing, tuple(_doubts(steps, period))


def _doubts(steps: list[TensorStep], period: TorchPeriod) -> Iterator[Finding]:
    is_sampled = any(isinstance(step, ResizeTensor) for step in steps)
    if is_sampled and period in _UNSURE_OF_CORNERS:
        yield transform_finding("warning", _UNSURE_OF_CORNERS[period])


def _reasons_against(data: Mapping[str, Node]) -> Iterator[str]:
    if path_of(data.get("x_cls")) != _IMAGES:
        yield "its images aren't opened by fastai's ImageList"
    if items_of(data.get("x_proc")) not in (None, ()):
        yield "its images go through a custom processor"


def _steps(
    node: Node, transforms: Fastai1Transforms, period: TorchPeriod
) -> Iterator[ResizeTensor | TensorStep]:
    """The steps in their order.

    Raises:
        UnknownSettingError: If images are resized in another way.
    """
    settings = _arguments(node)
    size, method = _size_and_method(settings)
    if size is not None or transforms.zoom is not None:
        yield ResizeTensor(
            size=size,
            method=method,
            pad_mode=settings.choice("padding_mode", PAD_MODES, default="reflection"),
            mode=settings.choice("mode", GRID_MODES, default="bilinear"),
            align_corners=period != "1.3 to 1.4",
            is_stepwise=period != "1.5 or later",
            zoom=transforms.zoom,
        )
    if transforms.crop is not None:
        is_padded_again = size is None and transforms.crops_or_pads
        if size is not None or is_padded_again:
            raise UnknownSettingError("that also crops them to another size")
        yield transforms.crop


def _arguments(node: Node) -> Settings:
    arguments = named_pairs_of(node)
    unknown = arguments.keys() - _ARGUMENTS
    if unknown:
        raise UnknownSettingError(f"that has the argument {quote(min(unknown))}")
    if arguments.get("do_resolve", True) is not True:
        raise UnknownSettingError("whose do_resolve is not true")
    return Settings(arguments)


def _size_and_method(settings: Settings) -> tuple[Size | None, ResizeMethod]:
    """The size, None if images keep theirs, and how they are made to fit."""
    if settings.value("size") is None:
        if settings.value("mult") is not None:
            raise UnknownSettingError("whose mult has no size")
        return None, "squish"
    method = _method(settings.nodes.get("resize_method"), settings.value("size"))
    return (None, "squish") if method is None else (_rounded(settings), method)


def _method(node: Node, size: object) -> ResizeMethod | None:
    if node is None:
        return "squish" if isinstance(size, (tuple, list)) else "crop"
    number = node.args[0] if isinstance(node, CallNode) and node.args else node
    is_method = not isinstance(node, CallNode) or path_of(node.function) == _METHOD
    if not is_method or not isinstance(number, int) or number not in range(1, 5):
        raise UnknownSettingError("whose resize_method is not one of fastai's")
    return None if number > len(_METHODS) else _METHODS[number - 1]


def _rounded(settings: Settings) -> Size:
    """Height and width, each rounded to a multiple if there is one."""
    found = settings.value("size")
    sides = found[-2:] if isinstance(found, (tuple, list)) else (found, found)
    height, width = checked_size(tuple(sides), "size")
    if settings.value("mult") is None:
        return height, width
    multiple = int(settings.number("mult", low=1, high=1024))
    rounded = (int(side / multiple + 0.5) * multiple for side in (height, width))
    return checked_size(tuple(rounded), "size with mult")


def _normalize(node: Node) -> tuple[TensorStep, ...]:
    arguments = named_pairs_of(node)
    if node is None or arguments.get("do_x") is False:
        return ()
    return (standardize(Settings(arguments), shapes=((3,),)),)

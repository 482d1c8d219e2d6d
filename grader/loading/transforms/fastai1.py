"""What an export of fastai 1 does to a validation image, read from the inert graph."""

from collections.abc import Iterator, Mapping

from grader.loading.inert.nodes import CallNode, Node, path_of
from grader.loading.inert.objects import attributes_of, class_of, items_of, named_pairs_of
from grader.loading.learner.inspection import Finding
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
_CROP_PAD = "fastai.vision.transform._crop_pad"
_RANDOM_TRANSFORM = "fastai.vision.image.RandTransform"
_METHOD = "fastai.vision.image.ResizeMethod"
# fastai 1's ResizeMethod counts from 1; 4 is no resizing.
_METHODS: tuple[ResizeMethod, ...] = ("crop", "pad", "squish")
_ARGUMENTS = frozenset(
    ("size", "resize_method", "mult", "padding_mode", "mode", "remove_out", "do_resolve")
)


def read_fastai1(data: Mapping[str, Node]) -> tuple[Preprocessing | None, tuple[Finding, ...]]:
    """The same as `read_preprocessing`, from the description of the data that fastai 1 exports."""
    reasons = list(_reasons_against(data))
    tensor_steps: tuple[TensorStep, ...] = (ToFloat(divisor=255.0),)
    batch_steps: tuple[TensorStep, ...] = ()
    try:
        resize = _resize(data.get("tfmargs"))
        tensor_steps += () if resize is None else (resize,)
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
        tensor_steps=tensor_steps,
        batch_steps=batch_steps,
        left_out=(),
    )
    return preprocessing, ()


def _reasons_against(data: Mapping[str, Node]) -> Iterator[str]:
    if path_of(data.get("x_cls")) != _IMAGES:
        yield "its images aren't opened by fastai's ImageList"
    if items_of(data.get("x_proc")) not in (None, ()):
        yield "its images go through a custom processor"
    for transform in items_of(data.get("tfms")) or ():
        name = _unknown_name(transform)
        if name is not None:
            yield f"its images go through {name}, which the grader does not know"


def _unknown_name(transform: Node) -> str | None:
    """The name of a validation transform, unless it is the crop that belongs to resizing."""
    made = class_of(transform)
    attributes = attributes_of(transform)
    inner = attributes_of(attributes.get("tfm"))
    settings = attributes.get("kwargs")
    is_plain = not named_pairs_of(settings) and attributes.get("p") == 1
    if made is None or made.path != _RANDOM_TRANSFORM or path_of(inner.get("func")) != _CROP_PAD:
        name = attributes.get("__name__")
        return quote(name) if isinstance(name, str) else quote(made.path) if made else "a function"
    return None if is_plain else "a random crop_pad"


def _resize(node: Node) -> ResizeTensor | None:
    """The step; None if images keep their size.

    Raises:
        UnknownSettingError: If they are resized in another way.
    """
    arguments = named_pairs_of(node)
    unknown = arguments.keys() - _ARGUMENTS
    if unknown:
        raise UnknownSettingError(f"that has the argument {quote(min(unknown))}")
    settings = Settings(arguments)
    if arguments.get("size") is None:
        if arguments.get("mult") is not None:
            raise UnknownSettingError("whose mult has no size")
        return None
    method = _method(arguments.get("resize_method"), settings.value("size"))
    if method is None:
        return None
    return ResizeTensor(
        size=_rounded(settings),
        method=method,
        pad_mode=settings.choice("padding_mode", PAD_MODES),
        mode=settings.choice("mode", GRID_MODES),
    )


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

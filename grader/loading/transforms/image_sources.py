"""How an export of fastai 2 opens an image file, and whether anything else happens to it."""

from grader.loading.inert.functions import bound_method_of, method_called_by, sole_function_of
from grader.loading.inert.nodes import InertGraph, Node, path_of
from grader.loading.inert.objects import attributes_of, class_of, items_of
from grader.loading.learner.foreign_code import is_opener_of_fastai
from grader.loading.learner.inspection import Export
from grader.loading.learner.learner_parts import validation_loader_of
from grader.loading.transforms.known_transforms import PLAIN_TRANSFORMS
from grader.loading.transforms.own_transforms import original_of
from grader.loading.transforms.transform_reading import (
    NOOPS,
    RefusedTransformError,
    leaves_things_alone,
    name_of_transform,
)
from grader.results.preprocessing import ImageMode
from hidden_test_spec.errors import quote, quote_all

_IMAGE_MODES: dict[str, ImageMode] = {
    "fastai.vision.core.PILImage": "RGB",
    "fastai.vision.core.PILImageBW": "L",
}
_OPEN_USUALLY = "open images by ImageBlock or PILImage.create, and export again"
_PATHS = ("pathlib", "builtins.str")


def read_image_mode(export: Export) -> ImageMode:
    """The mode that image files are converted to.

    Args:
        export: Of fastai 2.

    Raises:
        RefusedTransformError: If files aren't opened as fastai opens images, or the path or the
            opened image would be changed by code that the grader doesn't know.
    """
    transforms = export.input_transforms
    modes = [_mode_of(transform, export.graph) for transform in transforms]
    openers = [place for place, mode in enumerate(modes) if mode is not None]
    if len(openers) > 1:
        raise RefusedTransformError("it takes more than one image at a time", advice=_OPEN_USUALLY)
    if not openers:
        usual = "its images aren't opened by PILImage.create or PILImageBW.create"
        raise RefusedTransformError(usual + _instead(transforms), advice=_OPEN_USUALLY)
    (opener,) = openers
    others = (*transforms[_first_for_paths(export) : opener], *transforms[opener + 1 :])
    for transform in others:
        made = class_of(transform)
        is_plain = made is not None and made.path in PLAIN_TRANSFORMS
        if not is_plain or not leaves_things_alone(transform):
            name = name_of_transform(transform) if is_plain or made is None else quote(made.path)
            raise RefusedTransformError(f"its images are read through {name}")
    found = modes[opener]
    if found is None:
        raise AssertionError  # it was chosen because it isn't
    return found


def _mode_of(transform: Node, graph: InertGraph) -> ImageMode | None:
    """The mode of what opens files; None if the transform isn't known to open them.

    A function that does nothing but call the opener is one too, and so is the opener of a class
    that adds nothing to fastai's.
    """
    made = class_of(transform)
    if made is None or made.is_by_value or made.path not in PLAIN_TRANSFORMS:
        return None
    function = sole_function_of(transform)
    method = bound_method_of(function) or method_called_by(function, graph.calls)
    if method is None or not is_opener_of_fastai(method.file, method.name):
        return None
    owner = path_of(original_of(method.owner, graph))
    return None if owner is None else _IMAGE_MODES.get(owner)


def _instead(transforms: tuple[Node, ...]) -> str:
    """The functions of a student's own that are there instead, if any."""
    functions = (sole_function_of(transform) for transform in transforms)
    paths = {path_of(function) for function in functions} - {None, *NOOPS}
    names = [path for path in paths if path is not None]
    return f" but by {quote_all(names)}, whose code isn't in the file" if names else ""


def _first_for_paths(export: Export) -> int:
    """The first transform that takes a path; for new files, fastai skips those before it."""
    loader = attributes_of(validation_loader_of(export.attributes))
    lists = items_of(attributes_of(loader.get("dataset")).get("tls")) or ()
    types = items_of(attributes_of(next(iter(lists), None)).get("types")) or ()
    takes_paths = [
        place
        for place, kinds in enumerate(types)
        if any((path_of(kind) or "").startswith(_PATHS) for kind in items_of(kinds) or (kinds,))
    ]
    return next(iter(takes_paths), 0)

"""How an export of fastai 2 opens an image file, and whether anything else happens to it."""

from grader.loading.inert.functions import bound_method_of, sole_function_of
from grader.loading.inert.nodes import GlobalNode, Node, path_of
from grader.loading.inert.objects import attributes_of, class_of, items_of
from grader.loading.learner.foreign_code import is_opener_of_fastai
from grader.loading.learner.inspection import Export
from grader.loading.learner.learner_parts import validation_loader_of
from grader.loading.transforms.known_transforms import PLAIN_TRANSFORMS
from grader.loading.transforms.transform_reading import (
    RefusedTransformError,
    leaves_things_alone,
    name_of_transform,
)
from grader.results.preprocessing import ImageMode
from hidden_test_spec.errors import quote

_IMAGE_MODES: dict[str, ImageMode] = {
    "fastai.vision.core.PILImage": "RGB",
    "fastai.vision.core.PILImageBW": "L",
}
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
    modes = [_mode_of(transform) for transform in transforms]
    openers = [place for place, mode in enumerate(modes) if mode is not None]
    if len(openers) != 1:
        raise RefusedTransformError(
            "its images aren't opened by PILImage.create or PILImageBW.create"
            if not openers
            else "it takes more than one image at a time"
        )
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


def _mode_of(transform: Node) -> ImageMode | None:
    made = class_of(transform)
    if made is None or made.is_by_value or made.path not in PLAIN_TRANSFORMS:
        return None
    method = bound_method_of(sole_function_of(transform))
    if method is None or not isinstance(method.owner, GlobalNode):
        return None
    is_opener = is_opener_of_fastai(method.file, method.name)
    return _IMAGE_MODES.get(method.owner.path) if is_opener else None


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

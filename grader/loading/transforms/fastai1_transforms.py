"""The transforms of fastai 1 on its validation side: those whose effect is the same every time.

Each is drawn anew for every image in training. In validation most exports have the crop that
belongs to resizing and nothing else; others are followed if all their settings are fixed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grader.loading.inert.nodes import ListNode, Node, path_of
from grader.loading.inert.objects import attributes_of, class_of, named_pairs_of
from grader.loading.transforms.transform_settings import Settings, UnknownSettingError
from grader.results.preprocessing import CropTensor, Zoom
from hidden_test_spec.errors import quote

_RANDOM_TRANSFORM = "fastai.vision.image.RandTransform"
_HOME = "fastai.vision.transform."
_CROP_PAD, _ZOOM, _CROP = f"{_HOME}_crop_pad", f"{_HOME}_zoom", f"{_HOME}_crop"
_SETTINGS: Mapping[str, frozenset[str]] = {
    _CROP_PAD: frozenset(("padding_mode", "row_pct", "col_pct")),
    _ZOOM: frozenset(("scale", "row_pct", "col_pct")),
    _CROP: frozenset(("size", "row_pct", "col_pct")),
}
_CENTRE = 0.5
_MOST = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fastai1Transforms:
    """What the transforms of the validation side do.

    Attributes:
        crops_or_pads: Whether the crop that belongs to resizing is among them.
        zoom: How far they zoom in; None if they don't.
        crop: The part that they cut out; None if they keep everything.
    """

    crops_or_pads: bool = False
    zoom: Zoom | None = None
    crop: CropTensor | None = None


def read_transforms(nodes: Iterable[Node]) -> tuple[Fastai1Transforms, tuple[str, ...]]:
    """What they do, in whatever order they stand: fastai 1 sorts them by their kind.

    Args:
        nodes: The transforms of the validation side.

    Returns:
        Their effect, and a reason against each that can't be followed.
    """
    found, reasons = Fastai1Transforms(), []
    for node in nodes:
        try:
            found = _added(found, node)
        except UnknownSettingError as error:
            reasons.append(f"its images go through {error}")
    return found, tuple(reasons)


def _added(found: Fastai1Transforms, node: Node) -> Fastai1Transforms:
    made, attributes = class_of(node), attributes_of(node)
    function = path_of(attributes_of(attributes.get("tfm")).get("func")) or ""
    if made is None or made.path != _RANDOM_TRANSFORM or function not in _SETTINGS:
        raise UnknownSettingError(f"{_name_of(node)}, which the grader does not know")
    name = function.removeprefix(f"{_HOME}_")
    if not _runs(attributes, name):
        return found
    settings = named_pairs_of(attributes.get("kwargs"))
    unknown = settings.keys() - _SETTINGS[function]
    if unknown:
        raise UnknownSettingError(f"{name}, whose {quote(min(unknown))} the grader does not know")
    return _with(found, function, Settings(_fixed(settings, name)))


def _with(found: Fastai1Transforms, function: str, settings: Settings) -> Fastai1Transforms:
    row, column = (_share(settings, side) for side in ("row_pct", "col_pct"))
    if function == _ZOOM and found.zoom is None:
        scale = settings.number("scale", low=1 / _MOST, high=_MOST)
        return replace(found, zoom=Zoom(scale=scale, row=row, column=column))
    if function == _CROP and found.crop is None:
        part = CropTensor(size=settings.size("size"), row=row, column=column)
        return replace(found, crop=part)
    if function == _CROP_PAD and (row, column) == (_CENTRE, _CENTRE):
        return replace(found, crops_or_pads=True)
    name = function.removeprefix(f"{_HOME}_")
    raise UnknownSettingError(
        f"{name} off the centre" if function == _CROP_PAD else f"{name} twice"
    )


def _share(settings: Settings, name: str) -> float:
    return _CENTRE if settings.value(name) is None else settings.number(name, low=0, high=1)


def _runs(attributes: Mapping[str, Node], name: str) -> bool:
    """Whether a transform acts on every image; False if it acts on none."""
    if attributes.get("is_random") is False and attributes.get("do_run") is True:
        return True
    chance = attributes.get("p")
    if isinstance(chance, bool) or chance not in (0, 1):
        raise UnknownSettingError(f"a random {name}")
    return chance == 1


def _fixed(settings: Mapping[str, Node], name: str) -> dict[str, Node]:
    """Settings with one value each; a range from a value to itself is that value."""
    fixed = dict(settings)
    for setting, node in settings.items():
        ends = node.items if isinstance(node, ListNode) else node
        if setting == "size" or not isinstance(ends, (tuple, list)):
            continue
        if len(ends) != len(("low", "high")) or not _are_equal_numbers(*ends):
            raise UnknownSettingError(f"a random {name}")
        fixed[setting] = ends[0]
    return fixed


def _are_equal_numbers(low: Node, high: Node) -> bool:
    return isinstance(low, (int, float)) and isinstance(high, (int, float)) and low == high


def _name_of(node: Node) -> str:
    """A transform's own name, else its class."""
    name, made = attributes_of(node).get("__name__"), class_of(node)
    if isinstance(name, str):
        return quote(name)
    return quote(made.path) if made else "a function"

"""Drafts a spec from a folder: what is there becomes the contract, which an instructor then edits.

What the folder doesn't show, such as the rubric, is a guess, marked as one by a comment.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader.errors import BadInputError, write_errors
from grader.grading.testset import list_test_folder
from grader.images.decoding import read_header
from hidden_test_spec.errors import quote
from hidden_test_spec.images import ImageFolder, display_name
from hidden_test_spec.labels import colliding_labels
from hidden_test_spec.spec import IMAGE_EXTENSIONS, ClassSpec, collision_problem

_FEWEST_CLASSES = 2
# Room for twice the images that are there, in round numbers.
_ROOM, _ROUNDED_TO = 2, 100

_TEMPLATE = """\
# A draft from the folder {folder}, which holds {n_images} images.
# Read every line before you use it.
name = {name}
# Raise the version whenever the contract changes: reports and seals name it.
version = "0.1.0"
description = "Say here what the test is about"

[layout]
# The endings of image files in the folder. Files with other endings are not graded.
extensions = {extensions}

[limits]
# The smallest side of any image in the folder. Reports warn of smaller ones.
min_side_px = {min_side_px}
# Twice the images of the folder. A folder that holds more is refused.
max_images = {max_images}
# The largest export that is accepted, in MB of 10^6 bytes.
max_model_mb = 1000

[reporting]
# Losing less accuracy than this against the first stage counts as no worse.
margin = 0.05
# Classes with fewer images than this are left out of what students see.
min_class_images = 5

# One class for each folder. Add aliases so that a model may name a class in another spelling or
# language, and make each query a good web search for photos of the class.
{classes}

# A guess: adjust it to the results of a good model of your own. Every criterion earns its points or
# nothing; without pass_points all of them must be met.
[rubric]
pass_points = 7
criteria = [
    # Of all images, the share named correctly.
    {{ rule = "accuracy >= 0.8", points = 4 }},
    # No class may be sacrificed for the others.
    {{ rule = "recall >= 0.6 in every class", points = 3 }},
    # Fine-tuning must not lose what the first stage had. It needs --baseline.
    {{ rule = "accuracy_change >= 0 against the first stage", points = 3 }},
]
"""
_CLASS_TEMPLATE = """\
[[classes]]
label = {label}
aliases = []
queries = [{label}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A spec as text, and what an instructor should know about the folder it is from.

    Attributes:
        text: TOML that reads back as a spec.
        n_images: How many images the folder holds.
        n_classes: How many classes.
        unreadable: Images whose size can't be read.
        other_files: Every file that is not an image in a class folder.
    """

    text: str
    n_images: int
    n_classes: int
    unreadable: tuple[str, ...]
    other_files: tuple[str, ...]


def draft_spec(root: Path, *, name: str | None = None) -> Draft:
    """Draft a spec from a folder DIR/<label>/<image>.

    Args:
        root: The folder.
        name: The spec's short name; None derives one from the folder's name.

    Raises:
        BadInputError: If it is not a folder of class folders; or, with all of their names, if some
            folders can't be classes.
    """
    folder = list_test_folder(root, spec=None)
    faults = tuple(_faults(folder))
    if faults:
        raise BadInputError(
            what="\n  - ".join(("The folder can't become a spec:", *faults)),
            where=str(root),
            advice="rename, fill or remove these folders, and draft again",
        )
    paths = [path for _, images in folder.images_by_folder for path in images]
    headers = {path: read_header(path) for path in paths}
    sides = [header.shorter_side_px for header in headers.values() if header is not None]
    labels = [unicodedata.normalize("NFC", label) for label, _ in folder.images_by_folder]
    text = _TEMPLATE.format(
        folder=quote(display_name(root.resolve().name)),
        n_images=len(paths),
        name=_toml(name or short_name(root.resolve().name)),
        extensions=_toml(_present_extensions(paths)),
        min_side_px=max(min(sides, default=1), 1),
        max_images=math.ceil(_ROOM * len(paths) / _ROUNDED_TO) * _ROUNDED_TO,
        classes="\n".join(_CLASS_TEMPLATE.format(label=_toml(label)) for label in labels).rstrip(),
    )
    return Draft(
        text=text,
        n_images=len(paths),
        n_classes=len(labels),
        unreadable=tuple(
            display_name(path.relative_to(root).as_posix())
            for path, header in headers.items()
            if header is None
        ),
        other_files=folder.other_files,
    )


def short_name(folder: str) -> str:
    """A spec's name from a folder's: small ASCII letters and digits, joined by hyphens.

    Example:
        >>> short_name("Pájaros 2026 (final)")
        'pajaros-2026-final'
    """
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_") or "hidden-test"


def write_draft(draft: Draft, out: Path, *, is_replaced: bool) -> None:
    """Write the spec.

    Raises:
        BadInputError: If the file exists and must not be replaced, or can't be written.
        MachineError: If the disk is full.
    """
    with (
        write_errors(out, option="--out, or replace it with --force"),
        out.open("w" if is_replaced else "x", encoding="utf-8", newline="\n") as file,
    ):
        file.write(draft.text)


def _faults(folder: ImageFolder) -> Iterator[str]:
    """What is wrong with each class folder, as clauses."""
    names = [name for name, _ in folder.images_by_folder]
    if len(names) < _FEWEST_CLASSES:
        yield f"{quote(names[0])} is the only class folder; a classifier needs at least two"
    for name, images in folder.images_by_folder:
        if display_name(name) != name:
            yield f"{quote(display_name(name))} is not UTF-8 text"
            continue
        try:
            ClassSpec(label=name, queries=(name,))
        except ValidationError as error:
            yield f"{quote(name)} {error.errors()[0]['msg'].removeprefix('Value error, ')}"
        if not images:
            yield f"{quote(name)} holds no images"
    yield from (
        collision_problem(*collision)
        for collision in colliding_labels((name, ()) for name in names)
    )


def _present_extensions(paths: Sequence[Path]) -> list[str]:
    """Endings of the images, in the order of the known ones."""
    present = {path.name.rpartition(".")[2].lower() for path in paths}
    return [ending for ending in IMAGE_EXTENSIONS if ending in present]


def _toml(value: str | list[str]) -> str:
    """A text or a list of texts in TOML: written as JSON, with every control character escaped."""
    return json.dumps(value, ensure_ascii=False)

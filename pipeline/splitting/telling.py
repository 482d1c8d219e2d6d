"""What a split reports: counts, copies, and the leaks that were found or prevented."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.errors import quote_all
from hidden_test_spec.images import ImageFolder, display_name
from hidden_test_spec.sidecar import Part
from pipeline.copies import CopyGroup
from pipeline.progress import Report
from pipeline.splitting.dividing import PARTS
from pipeline.splitting.leaks import Leak

COPIES_NAME = "copies.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What was decided about the images of a folder.

    Attributes:
        parts: The part of each image.
        groups: The copies that were found, whether or not they were kept together.
        leaks: The photos that are in more than one part.
        prevented: Those that would be, had the images been divided one by one.
    """

    parts: Mapping[Path, Part]
    groups: tuple[CopyGroup, ...]
    leaks: tuple[Leak, ...]
    prevented: tuple[Leak, ...]


def copies_json(split: Split, root: Path) -> str:
    """The copies with their parts, and the numbers of leaks, as a JSON document."""
    document = {
        "n_leaks_found": len(split.leaks),
        "n_leaks_prevented": len(split.prevented),
        "groups": [
            {
                "images": [
                    display_name(path.relative_to(root).as_posix()) for path in group.images
                ],
                "parts": sorted({split.parts[path] for path in group.images}),
                "labels": [display_name(label) for label in group.labels],
                "kinds": group.kinds,
            }
            for group in split.groups
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def tell_left_out(folder: ImageFolder, report: Report) -> None:
    """Name the files that are not images."""
    if folder.other_files:
        names = quote_all(folder.other_files)
        report(f"Left out, since they are not images ({len(folder.other_files)}): {names}")


def tell_copies(groups: Sequence[CopyGroup], report: Report) -> None:
    """Say what copies there are, if any."""
    if groups:
        report(_copies_line(groups))


def tell_split(split: Split, report: Report) -> None:
    """Say how many images each part has, what copies there are, and what that means."""
    counts = Counter(split.parts.values())
    for part in (one for one in PARTS if one in counts):
        report(f"{part}: {counts[part]} image{'s' if counts[part] != 1 else ''}")
    tell_copies(split.groups, report)
    if split.prevented:
        report(f"Leaks: none; a plain split would put {_photos(len(split.prevented))} on two sides")
    if split.leaks:
        report(
            f"Leaks: {_photos(len(split.leaks))} on more than one side; a split without "
            "--strict-document keeps copies together"
        )


def _shown(path: Path, root: Path) -> str:
    return display_name(path.relative_to(root).as_posix())


def _copies_line(groups: Sequence[CopyGroup]) -> str:
    n_images = sum(len(group.images) for group in groups)
    n_crossing = sum(len(group.labels) > 1 for group in groups)
    line = f"Copies: {n_images} images show {_photos(len(groups))}"
    return f"{line}, {n_crossing} of them in more than one class" if n_crossing else line


def _photos(count: int) -> str:
    return f"{count} photo{'s' if count != 1 else ''}"

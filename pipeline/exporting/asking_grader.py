"""Asks the grader, in a fresh process, for an export's numbers; takes them as they are."""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import AliasPath, BaseModel, ConfigDict, Field

from hidden_test_spec.images import is_image_name, sha256_of
from hidden_test_spec.sidecar import Sidecar
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.exporting.errors import GradingError

_KNOWN_ENDING = ".png"


_LINES_SHOWN = 20

Interval = tuple[float, float] | None


class GradedClass(BaseModel):
    """One class: its number of images, recall and precision, each with its interval."""

    model_config = ConfigDict(frozen=True)

    label: str
    support: int
    recall: float | None
    recall_interval: Interval
    precision: float | None
    precision_interval: Interval


class GradedImage(BaseModel):
    """One image that was measured on, by its hash."""

    model_config = ConfigDict(frozen=True)

    sha256: str


class Graded(BaseModel):
    """The numbers of one export on one folder; intervals are None if they are undefined."""

    model_config = ConfigDict(frozen=True)

    sha256: Annotated[str, Field(validation_alias=AliasPath("model", "sha256"))]
    n_parameters: Annotated[
        int, Field(validation_alias=AliasPath("model", "provenance", "n_parameters"))
    ]
    level: Annotated[float, Field(validation_alias=AliasPath("statistics", "level"))]
    n_scored: Annotated[int, Field(validation_alias=AliasPath("metrics", "n_scored"))]
    n_correct: Annotated[int, Field(validation_alias=AliasPath("metrics", "n_correct"))]
    accuracy: Annotated[float, Field(validation_alias=AliasPath("metrics", "accuracy"))]
    accuracy_interval: Annotated[
        Interval, Field(validation_alias=AliasPath("metrics", "accuracy_interval"))
    ]
    loss: Annotated[float, Field(validation_alias=AliasPath("metrics", "loss"))]
    loss_interval: Annotated[
        Interval, Field(validation_alias=AliasPath("metrics", "loss_interval"))
    ]
    device: Annotated[str, Field(validation_alias=AliasPath("engine", "device"))]
    per_class: tuple[GradedClass, ...]
    images: Annotated[
        tuple[GradedImage, ...], Field(validation_alias=AliasPath("test_set", "images"))
    ]


def ask_grader(export: Path, images: Path, *, device: str) -> Graded:
    """The grader's numbers of an export on a folder of class folders.

    Raises:
        GradingError: If the grader can't load the export, or can't use the images.
    """
    command = [sys.executable, "-m", "grader", "evaluate", str(export), "--data", str(images)]
    done = subprocess.run(  # noqa: S603 - this project's own program, and no shell
        [*command, "--format", "json", "--device", device],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-_LINES_SHOWN:])
        raise GradingError(export=export, images=images, said=said)
    return Graded.model_validate_json(done.stdout)


@contextmanager
def recorded_val(val: Path, sidecar: Sidecar) -> Iterator[Path]:
    """The val part itself, or a folder of copies if the grader would leave some of its images out.

    Copies are made only if every recorded image is there; otherwise the val part is compared as it
    is.

    Raises:
        OSError: If a file can't be read or copied.
    """
    files = _files_of(val)
    if all(_is_known(path) for path in files):
        yield val
        return
    recorded = Counter(image.sha256 for image in sidecar.images if image.part == "val")
    found = {path: sha256 for path in files if (sha256 := sha256_of(path)) in recorded}
    if Counter(found.values()) != recorded:
        yield val
        return
    with tempfile.TemporaryDirectory(prefix="val-") as folder:
        for path in found:
            ending = "" if _is_known(path) else _KNOWN_ENDING
            target = Path(folder) / path.parent.name / f"{path.name}{ending}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
        yield Path(folder)


def _files_of(val: Path) -> list[Path]:
    folders = (entry for entry in sorted(val.iterdir()) if not entry.name.startswith("."))
    return [path for folder in folders for path in sorted(folder.glob("*")) if path.is_file()]


def _is_known(path: Path) -> bool:
    return is_image_name(path.name, extensions=IMAGE_EXTENSIONS)

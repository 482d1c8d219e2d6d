"""The settings of a whole run, and a check of its images before anything is done with them."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from hidden_test_spec.fingerprints import Fingerprint
from hidden_test_spec.reading import read_spec
from hidden_test_spec.spec import IMAGE_EXTENSIONS, Spec
from pipeline.copies import hash_images
from pipeline.folders import bad_folder_error, class_count_faults, list_class_folders, spec_faults
from pipeline.splitting.dataset import unreadable_faults
from pipeline.splitting.dividing import part_faults
from pipeline.splitting.settings import SplitMethod, SplitSettings, check_ratio
from pipeline.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """The settings of a whole run; without a spec, the class folders are the classes."""

    spec: Spec | None
    splitting: SplitSettings
    training: TrainingSettings


def read_run_settings(
    spec: str | None,
    *,
    ratio: tuple[float, float, float],
    method: SplitMethod,
    training: TrainingSettings,
) -> RunSettings:
    """Settings for a run, with the spec read; its image extensions and the seed apply to all.

    Raises:
        SpecError: If the spec can't be used.
    """
    contract = None if spec is None else read_spec(spec)
    extensions = IMAGE_EXTENSIONS if contract is None else contract.layout.extensions
    splitting = SplitSettings(seed=training.seed, ratio=ratio, method=method, extensions=extensions)
    return RunSettings(spec=contract, splitting=splitting, training=training)


def check_images(images: Path, settings: RunSettings) -> tuple[Fingerprint, ...]:
    """Collect everything that is wrong with the images, and raise it at once.

    Returns:
        The fingerprint of each image, in the order of the listing.

    Raises:
        UsageError: If the shares of the parts are invalid.
        BadInputError: With every fault of the images.
    """
    check_ratio(settings.splitting.ratio)
    folder = list_class_folders(images, extensions=settings.splitting.extensions)
    faults = [*class_count_faults(folder), *part_faults(folder, settings.splitting.ratio)]
    if settings.spec is not None:
        faults += spec_faults(folder, settings.spec)
    prints = hash_images(folder.paths)
    faults += unreadable_faults(images, folder.paths, prints)
    if faults:
        raise bad_folder_error(images, faults)
    return prints


def source_of(images: Path, settings: RunSettings) -> dict[str, Any]:
    """Where the data set of a run comes from, and how it is divided.

    Raises:
        BadInputError: If the images can't be listed.
    """
    folder = list_class_folders(images, extensions=settings.splitting.extensions)
    files = (
        f"{path.relative_to(images).as_posix()}\0{path.stat().st_size}" for path in folder.paths
    )
    spec = None if settings.spec is None else settings.spec.model_dump_json()
    return {
        "folder": sha256_of_text("\0".join(files)),
        "ratio": settings.splitting.ratio,
        "method": settings.splitting.method.value,
        "spec": None if spec is None else sha256_of_text(spec),
    }


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text, as 64 hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

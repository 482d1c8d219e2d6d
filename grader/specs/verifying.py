"""Checks whether a folder, or the images that a report was graded on, are the promised set.

Until the deadline only the seal is known, and nothing can be verified. Then the key is published:
it lists every name, label and hash. Anyone who has both files can compute the seal's commitment
from the key, and so knows that the key was not made up later. A folder or a report is then compared
with the key's list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.errors import BadInputError
from grader.specs.sealing import check_names, hashed_images, sealed_spec
from hidden_test_spec.errors import quote
from hidden_test_spec.regular_files import read_regular
from hidden_test_spec.sealing import (
    Change,
    Seal,
    SealedImage,
    SealedSpec,
    SealKey,
    belongs,
    changes_between,
    sealed_image,
)
from hidden_test_spec.sidecar import Sha256
from hidden_test_spec.spec import Spec

# A seal names each image in 200 bytes or so.
_MAX_BYTES = 256 * 2**20
_Value = TypeVar("_Value", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A seal with the key that belongs to it."""

    seal: Seal
    images: tuple[SealedImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of comparing a set with its seal.

    Attributes:
        source: The folder or the report.
        seal: What was promised.
        n_found: How many images the set has.
        changes: Every image that isn't as promised.
    """

    source: Path
    seal: Seal
    n_found: int
    changes: tuple[Change, ...]

    @property
    def is_kept(self) -> bool:
        """Whether the set is the promised one."""
        return not self.changes


class _ReportImage(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    sha256: Sha256


class _ReportTestSet(BaseModel):
    model_config = ConfigDict(frozen=True)

    images: tuple[_ReportImage, ...] | None


class _Report(BaseModel):
    """The part of a grader's report that a seal is about."""

    model_config = ConfigDict(frozen=True)

    test_set: _ReportTestSet


def read_promise(seal_path: Path, key_path: Path) -> Promise:
    """Read a seal and its key.

    Raises:
        BadInputError: If a file can't be read or is something else, or the key belongs to another
            seal.
    """
    seal = _read(Seal, seal_path, name="a seal", advice="pass the seal.json that was published")
    key = _read(SealKey, key_path, name="a seal's key", advice="pass the key that was kept")
    if not belongs(key, seal):
        raise BadInputError(
            what="The key doesn't belong to the seal: its commitment or its counts differ",
            where=str(key_path),
            advice=f"pass the key that was made together with {quote(seal_path.name)}; if there "
            "is none, the promise can't be verified",
        )
    return Promise(seal=seal, images=key.images)


def verify_folder(
    promise: Promise,
    root: Path,
    *,
    spec: Spec | None,
    on_progress: Callable[[int, int], None],
) -> Verification:
    """Compare a test folder with its seal.

    Raises:
        BadInputError: If the seal was made with another spec, or the folder can't be sealed.
    """
    expected, given = promise.seal.spec, sealed_spec(spec)
    if expected != given:
        was = "without a spec" if expected is None else f"with {_titled(expected)}"
        found = "no spec" if given is None else _titled(given)
        raise BadInputError(
            what=f"The seal was made {was}, but {found} was passed",
            where=str(root),
            advice="leave out --spec"
            if expected is None
            else f"pass the spec {quote(expected.name)} in version {expected.version} with --spec",
        )
    found_images = hashed_images(root, spec=spec, on_progress=on_progress)
    return _verification(promise, found_images, source=root)


def verify_report(promise: Promise, report: Path) -> Verification:
    """Compare the images that a report was graded on with the seal.

    Raises:
        BadInputError: If the report can't be read, or is a student's edition, which lists no
            images.
    """
    document = _read(
        _Report,
        report,
        name="a report of this program",
        advice="pass the report.json that `grader evaluate --out` wrote",
    )
    if document.test_set.images is None:
        raise BadInputError(
            what="The report is a student's edition, which lists no images",
            where=str(report),
            advice="pass the instructor's edition, or the folder itself",
        )
    images = [
        sealed_image(one.name, label=one.label, sha256=one.sha256)
        for one in document.test_set.images
    ]
    check_names(images, source=report)
    return _verification(promise, images, source=report)


def _verification(promise: Promise, found: Sequence[SealedImage], *, source: Path) -> Verification:
    changes = changes_between(promise.images, found)
    return Verification(source=source, seal=promise.seal, n_found=len(found), changes=changes)


def _titled(spec: SealedSpec) -> str:
    return f"the spec {quote(spec.name)} {spec.version}"


def _read(kind: type[_Value], path: Path, *, name: str, advice: str) -> _Value:
    """Read a JSON file as a value of this type."""
    try:
        content = read_regular(path, max_bytes=_MAX_BYTES, follows_links=True)
        return kind.model_validate_json(content)
    except OSError as error:
        raise BadInputError(
            what=f"The file can't be read ({error.strerror})", where=str(path), advice=advice
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInputError(
            what=f"The file is not {name} ({place or 'JSON'}: {first['msg']})",
            where=str(path),
            advice=advice,
        ) from error

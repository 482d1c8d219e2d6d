"""From an export to a `Classifier` in three steps: read it, decide about it, construct it.

`inspect_file` reads, and executes nothing. A single refusal among its findings stops the export
here, before anything is made. Only then are torch modules made and filled with the export's
numbers.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import torch
from PIL import Image
from torch import nn

from grader.engine.classifier import Classifier
from grader.engine.torch_network import TorchNetwork
from grader.errors import LIBRARY_ERRORS, ModelRefusedError, reason_of
from grader.images.tensor_steps import prepare_batch, prepare_image
from grader.loading.inert.work import bounded_work
from grader.loading.inspecting import inspect_file
from grader.loading.learner.inspection import Export, Finding, Inspection
from grader.loading.provenance import provenance_of
from grader.loading.rebuilding.cost import check_cost
from grader.loading.rebuilding.rebuild import rebuild_model
from grader.loading.refusal import RefusedExportError, naming
from grader.results.models import ModelInfo
from grader.results.preprocessing import Preprocessing, Size
from hidden_test_spec.errors import quote

_CPU = torch.device("cpu")
# An upright photo with odd sides, unrelated to the sizes that networks take.
_TRIAL_SIZE = (331, 467)
# No network takes photos of one size only that are larger than this.
_MAX_TRIAL_PIXELS = 2**22
# Sides of square photos that networks without a resizing are made for.
_USUAL_SIDES = (28, 32, 48, 64, 96, 128, 150, 160, 192, 224, 256, 299, 320, 384, 448, 512)


PhotoSize: TypeAlias = Callable[[], Size | None]


def _unknown_size() -> None:
    """No photo that a network will be graded on is known."""


def load_classifier(path: Path, *, photo_size: PhotoSize = _unknown_size) -> Classifier:
    """Load an export on the CPU. Nothing of it is run.

    Args:
        path: The export.
        photo_size: Gives the width and height of a photo that it will be graded on, if known. It is
            asked only about networks that don't take photos of any size.

    Raises:
        BadInputError: If there is no such file, or it can't be read.
        ModelRefusedError: If the file is not an export of an image classifier, or can't be graded.
    """
    return classifier_of(inspect_file(path), photo_size=photo_size)


def classifier_of(inspection: Inspection, *, photo_size: PhotoSize = _unknown_size) -> Classifier:
    """The classifier of an export whose file was already read.

    Args:
        inspection: Of the file.
        photo_size: As for `load_classifier`.

    Raises:
        ModelRefusedError: If it can't be graded.
    """
    path = inspection.path
    export, preprocessing = _decided(inspection)
    sha256 = hashlib.sha256(inspection.content).hexdigest()
    with naming(path), bounded_work():
        module = rebuild_model(export.model, export.graph)
        trial = _Trial(module, preprocessing, n_classes=len(export.vocab))
        sole_size = trial.sole_size(photo_size)
    if hashlib.sha256(inspection.content).hexdigest() != sha256:
        raise RefusedExportError(
            what="it was changed while it was read",
            where="file",
            advice="leave the file as it is while grading, and grade again",
            path=path,
        )
    return Classifier(
        info=ModelInfo(
            path=str(path),
            sha256=sha256,
            architecture=inspection.architecture or "unknown",
            vocab=export.vocab,
            provenance=provenance_of(inspection, preprocessing, sha256=sha256),
        ),
        preprocessing=preprocessing,
        network=TorchNetwork(module),
        sole_size=sole_size,
    )


def _decided(inspection: Inspection) -> tuple[Export, Preprocessing]:
    """The parts of an export that can be graded; otherwise every reason at once."""
    export, preprocessing = inspection.export, inspection.preprocessing
    if inspection.refusals:
        raise _refused(inspection.path, inspection.refusals)
    if export is None or preprocessing is None:
        raise RefusedExportError(what="it lacks parts", where="learner", path=inspection.path)
    return export, preprocessing


def _refused(path: Path, refusals: Sequence[Finding]) -> ModelRefusedError:
    first, *others = refusals
    if not others:
        return RefusedExportError(
            what=first.what, where=first.where, advice=first.advice, path=path
        )
    reasons = "".join(f"\n  - {one.what} (in {quote(one.where)})" for one in refusals)
    advice = "; ".join(dict.fromkeys(one.advice for one in refusals))
    return ModelRefusedError(
        what=f"The export is refused for {len(refusals)} reasons:{reasons}",
        where=str(path),
        advice=advice,
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """Runs of a network on photos without numbers, which show what it takes and what it costs."""

    module: nn.Module
    preprocessing: Preprocessing
    n_classes: int

    def sole_size(self, photo_size: PhotoSize) -> Size | None:
        """The only size of photos that the network takes; None if it takes photos as they come.

        Args:
            photo_size: As for `load_classifier`.

        Raises:
            RefusedExportError: If it fails on the photo, or on photos of all sizes.
        """
        refusal = self._refusal(_TRIAL_SIZE)
        if refusal is None:
            return None
        if self._is_resized():
            raise refusal
        own_size = photo_size()
        if own_size is not None and self._takes(own_size):
            return own_size
        usual = self._usual_size()
        if usual is None:
            raise refusal
        if own_size is not None:
            raise _unfit(usual, own_size)
        return usual

    def _takes(self, photo_size: Size) -> bool:
        is_moderate = photo_size[0] * photo_size[1] <= _MAX_TRIAL_PIXELS
        return is_moderate and self._refusal(photo_size) is None

    def _usual_size(self) -> Size | None:
        return next((size for side in _USUAL_SIDES if self._takes(size := (side, side))), None)

    def _is_resized(self) -> bool:
        """Whether the transforms bring every photo to one size."""
        return self._shape(_TRIAL_SIZE) == self._shape((_TRIAL_SIZE[0] + 1, _TRIAL_SIZE[1] + 1))

    def _refusal(self, photo_size: Size) -> RefusedExportError | None:
        try:
            check_cost(self.module, self._shape(photo_size), n_classes=self.n_classes)
        except RefusedExportError as error:
            return error
        return None

    def _shape(self, photo_size: Size) -> tuple[int, ...]:
        """Shape of a photo as the network gets it, (n_channels, height, width).

        Raises:
            RefusedExportError: If the transforms fail on a photo.
        """
        photo = Image.new(self.preprocessing.mode, photo_size)
        try:
            tensor = prepare_image(photo, self.preprocessing)
            return tuple(prepare_batch([tensor], _CPU, self.preprocessing).shape[1:])
        except LIBRARY_ERRORS as error:
            width, height = photo_size
            raise RefusedExportError(
                what=f"its transforms fail on a photo of {width} x {height} pixels"
                f" ({reason_of(error)})",
                where="transforms",
                advice="try the export with learn.predict() on a photo",
            ) from error


def _unfit(taken: Size, photo_size: Size) -> RefusedExportError:
    width, height = taken
    return RefusedExportError(
        what=f"the network takes images of {width} x {height} pixels only, and a photo of the test"
        f" set has {photo_size[0]} x {photo_size[1]}",
        where="transforms",
        advice=f"add item_tfms=Resize(({height}, {width})) to the data, and export again",
    )

"""From an export to a `Classifier` in three steps: read it, decide about it, construct it.

`inspect_file` reads, and executes nothing. A single refusal among its findings stops the export
here, before anything is made. Only then are torch modules made and filled with the export's
numbers.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image

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
from grader.results.preprocessing import Preprocessing
from hidden_test_spec.errors import quote
from hidden_test_spec.images import sha256_of

_CPU = torch.device("cpu")
# An upright photo with odd sides, unrelated to the sizes that networks take.
_TRIAL_SIZE = (331, 467)


def load_classifier(path: Path) -> Classifier:
    """Load an export on the CPU. Nothing of it is run.

    Raises:
        BadInputError: If there is no such file, or it can't be read.
        ModelRefusedError: If the file is not an export of an image classifier, or can't be graded.
    """
    return classifier_of(inspect_file(path))


def classifier_of(inspection: Inspection) -> Classifier:
    """The classifier of an export whose file was already read.

    Raises:
        ModelRefusedError: If it can't be graded.
    """
    path = inspection.path
    export, preprocessing = _decided(inspection)
    with naming(path), bounded_work():
        module = rebuild_model(export.model, export.graph)
        check_cost(module, _trial_shape(preprocessing), n_classes=len(export.vocab))
    sha256 = sha256_of(path)
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


def _trial_shape(preprocessing: Preprocessing) -> tuple[int, ...]:
    """Shape of a photo as the network gets it, (n_channels, height, width).

    Raises:
        RefusedExportError: If its transforms fail on a photo.
    """
    photo = Image.new(preprocessing.mode, _TRIAL_SIZE)
    try:
        tensor = prepare_image(photo, preprocessing)
        return tuple(prepare_batch([tensor], _CPU, preprocessing).shape[1:])
    except LIBRARY_ERRORS as error:
        width, height = _TRIAL_SIZE
        raise RefusedExportError(
            what=f"its transforms fail on a photo of {width} x {height} pixels"
            f" ({reason_of(error)})",
            where="transforms",
            advice="try the export with learn.predict() on a photo",
        ) from error

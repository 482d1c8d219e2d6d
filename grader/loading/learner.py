"""Loads an export as fastai's own `load_learner` does.

This runs what the file says, so it is for files of people you trust. `load_classifier` is the only
way in: nothing else of the grader knows how a model was loaded.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from fastai.data.transforms import CategoryMap
from fastai.learner import Learner
from PIL import Image

from grader.errors import BadInputError, ModelRefusedError, UnreadableImageError
from grader.loading.classifier import Classifier
from grader.results import ModelInfo
from hidden_test_spec.images import sha256_of

_HOW_TO_EXPORT = "ask for the file that learn.export() writes"
_LFS_START = b"version https://git-lfs"
_SNIFFED_BYTES = 512


def load_classifier(path: Path) -> Classifier:
    """Load an export on the CPU, in eval mode.

    Raises:
        BadInputError: If there is no such file, or it can't be read.
        ModelRefusedError: If the file is no export of an image classifier.
    """
    if not path.is_file():
        raise BadInputError(
            what="There is no such model file",
            where=str(path),
            advice="check the path; it must be the .pkl that learn.export() wrote",
        )
    try:
        _refuse_other_files(path)
    except OSError as error:
        raise BadInputError(
            what=f"The model file can't be read ({error.strerror or error})",
            where=str(path),
            advice="check its permissions, or copy it again",
        ) from error
    return _as_classifier(path, _load(path))


def _refused(path: Path, what: str, advice: str = _HOW_TO_EXPORT) -> ModelRefusedError:
    return ModelRefusedError(what=what, where=str(path), advice=advice)


def _refuse_other_files(path: Path) -> None:
    """Name the usual mistakes by their first bytes, before anything is unpickled."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    if not start:
        raise _refused(path, "The model file is empty")
    if start.startswith(_LFS_START):
        advice = "run git lfs pull, or download the file itself"
        raise _refused(path, "The model file is only a git-lfs pointer, not the model", advice)
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        advice = "open the address in a browser and download the file itself"
        raise _refused(path, "The model file is an HTML page, not a model", advice)


def _load(path: Path) -> Learner:
    try:
        loaded: Any = torch.load(path, map_location="cpu", weights_only=False)
    except (pickle.UnpicklingError, EOFError) as error:
        raise _refused(path, f"The model file is no fastai export ({error})") from error
    except Exception as error:
        what = f"The export can't be loaded here ({type(error).__name__}: {error})"
        advice = "export it with the fastai version that runs here, without code of your own"
        raise _refused(path, what, advice) from error
    if isinstance(loaded, dict):
        what = "The model file holds only weights (a state dict, as learn.save() writes)"
        raise _refused(path, what, "export the whole learner with learn.export()")
    if not isinstance(loaded, Learner):
        what = f"The model file holds a {type(loaded).__name__}, not a fastai Learner"
        raise _refused(path, what)
    return _in_single_precision(loaded)


def _in_single_precision(learner: Learner) -> Learner:
    """As fastai's load_learner leaves a learner on the CPU, without loading the file again."""
    learner.dls.cpu()
    if hasattr(learner, "channels_last"):
        return learner.to_contiguous(to_fp32=True)
    if hasattr(learner, "mixed_precision"):
        return learner.to_fp32()
    if hasattr(learner, "non_native_mixed_precision"):
        return learner.to_non_native_fp32()
    return learner


def _as_classifier(path: Path, learner: Learner) -> Classifier:
    vocab = learner.dls.vocab
    if not isinstance(vocab, CategoryMap):
        what = "The export is no single-label image classifier: it has no single vocab of classes"
        raise _refused(path, what, "train with one category per image, for instance from_folder")
    loader = learner.dls.test_dl([Path("probe.jpg")], num_workers=0)
    loader.before_iter()  # tells the transforms that they are on the validation side

    def prepare_image(image: Any) -> torch.Tensor:
        tensor: torch.Tensor = loader.after_item((image,))[0]
        return tensor

    def prepare_batch(images: Sequence[torch.Tensor], device: torch.device) -> torch.Tensor:
        loader.to(device)
        batch = loader.do_batch([(image,) for image in images])
        prepared: torch.Tensor = loader.after_batch((batch[0].to(device),))[0]
        return prepared.as_subclass(torch.Tensor)

    def read_image(image_path: Path) -> Any:
        try:
            return loader.dataset.tls[0].tfms(image_path)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise UnreadableImageError(reason=str(error) or type(error).__name__) from error

    architecture = getattr(learner, "arch", None)
    info = ModelInfo(
        path=str(path),
        sha256=sha256_of(path),
        architecture=str(getattr(architecture, "__name__", architecture or "unknown")),
        vocab=tuple(str(label) for label in vocab),
    )
    return Classifier(
        info=info,
        module=learner.model.eval(),
        read_image=read_image,
        prepare_image=prepare_image,
        prepare_batch=prepare_batch,
    )

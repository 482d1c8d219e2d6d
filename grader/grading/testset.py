"""The unseen folder: listed, aligned to the classes, and read."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import BadInputError, ModelRefusedError
from grader.images.decoding import read_size
from grader.images.sharing import Pictures
from grader.results.answers import ListedImage, TestSet
from grader.results.models import ModelInfo
from grader.results.preprocessing import Size
from hidden_test_spec.errors import quote, quote_all
from hidden_test_spec.images import ImageFolder, display_name, list_images
from hidden_test_spec.labels import label_key, label_lookup
from hidden_test_spec.spec import Layout, Limits, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What a model is graded on.

    Attributes:
        labels: In the order of tables and matrices: the spec's, then those that only a model names.
        lookup: From the key of every accepted spelling to its label.
    """

    labels: tuple[str, ...]
    lookup: dict[str, str]

    def label_of(self, name: str) -> str | None:
        """The class that a folder or a vocab entry means; None if it means none."""
        return self.lookup.get(label_key(name))


def classes_of(vocabs: Iterable[tuple[str, ...]], *, spec: Spec | None) -> Classes:
    """The classes that models with these vocabs are graded on, the candidate's vocab first.

    A vocab entry that the spec doesn't know becomes a class of its own: predictions of it are
    wrong, and the confusion matrix shows them.
    """
    lookup = {} if spec is None else spec.lookup()
    labels = [] if spec is None else list(spec.labels)
    for entry in (entry for vocab in vocabs for entry in vocab):
        if label_key(entry) not in lookup:
            lookup |= label_lookup({entry: ()})
            labels.append(entry)
    return Classes(labels=tuple(labels), lookup=lookup)


def list_test_folder(root: Path, *, spec: Spec | None) -> ImageFolder:
    """List the folder before any model is loaded.

    Raises:
        BadInputError: If it is missing or not a folder, has no class folders or images, holds more
            images than the spec allows, or has folders that match no class of the spec.
    """
    layout, limits = (Layout(), Limits()) if spec is None else (spec.layout, spec.limits)
    try:
        folder = list_images(root, extensions=layout.extensions)
    except OSError as error:
        raise BadInputError(
            what=f"The test folder can't be read ({error.strerror})",
            where=str(root),
            advice="check the path; it must be a folder with one folder of images per class",
        ) from error
    _check_layout(folder, layout=layout, limits=limits)
    if spec is not None:
        _check_folders(folder, spec)
    return folder


def _check_layout(folder: ImageFolder, *, layout: Layout, limits: Limits) -> None:
    endings = ", ".join(f".{ending}" for ending in layout.extensions)
    problem = None
    if not folder.images_by_folder:
        problem = "The test folder holds no class folders"
    elif folder.n_images == 0:
        problem = "The test folder holds no images"
    elif folder.n_images > limits.max_images:
        problem = (
            f"The test folder holds {folder.n_images} images, more than the {limits.max_images} "
            "that the spec allows"
        )
    if problem is not None:
        raise BadInputError(
            what=problem,
            where=str(folder.root),
            advice=f"lay it out as DIR/<label>/<image>, with images ending in {endings}",
        )


def _check_folders(folder: ImageFolder, spec: Spec) -> None:
    lookup = spec.lookup()
    strange = [name for name, _ in folder.images_by_folder if label_key(name) not in lookup]
    if strange:
        raise BadInputError(
            what=f"Folders that match no class of the spec {quote(spec.name)}: "
            f"{quote_all(strange)}",
            where=str(folder.root),
            advice="rename or remove them, or add them to the spec as classes or aliases; "
            f"its classes are {quote_all(spec.labels)}",
        )


def first_photo_size(folder: ImageFolder | None) -> Size | None:
    """Width and height of the first image whose size can be read; None if there is none."""
    folders = () if folder is None else folder.images_by_folder
    paths = (path for _, paths in folders for path in paths)
    return next(filter(None, map(read_size, paths)), None)


def list_labelled(folder: ImageFolder, classes: Classes) -> tuple[ListedImage, ...]:
    """Every image of the folder with its label, sorted by class folder, then by name."""
    return tuple(
        ListedImage(path=path, name=display_name(f"{name}/{path.name}"), label=label)
        for name, paths in folder.images_by_folder
        if (label := classes.label_of(name)) is not None
        for path in paths
    )


def read_test_set(folder: ImageFolder, classes: Classes, *, pictures: Pictures) -> TestSet:
    """Read every image of the folder and give it its label; once for any number of models.

    Raises:
        BadInputError: If a file can't be read.
    """
    return TestSet(
        root=folder.root,
        labels=classes.labels,
        images=pictures.read(list_labelled(folder, classes)),
        other_files=folder.other_files,
    )


def refuse_lacking_models(
    folder: ImageFolder, classes: Classes, *, models: Iterable[ModelInfo]
) -> None:
    """Stop before an image is read.

    Raises:
        ModelRefusedError: If a class that has images is missing from a model's vocab.
    """
    folders = [name for name, images in folder.images_by_folder if images]
    for model in models:
        known = {classes.label_of(entry) for entry in model.vocab}
        lacking = [name for name in folders if classes.label_of(name) not in known]
        if lacking:
            raise ModelRefusedError(
                what=f"The model lacks classes of the test set: {quote_all(lacking)}; it knows "
                f"{quote_all(model.vocab)}",
                where=model.path,
                advice="train it on every class, with the labels or aliases of the spec; a "
                "folder that is not a class doesn't belong in the test folder",
            )

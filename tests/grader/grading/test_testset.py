"""The unseen folder is listed, checked and aligned to the classes."""

import unicodedata
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from grader.errors import BadInputError, ModelRefusedError
from grader.grading.testset import (
    classes_of,
    list_test_folder,
    read_test_set,
    refuse_lacking_models,
)
from grader.images.decoding import read_header
from grader.images.sharing import Pictures
from grader.results.answers import ImageHeader, TestSet
from hidden_test_spec.spec import Limits, Spec
from tests.factories import draw_folder, draw_image, make_model, make_spec


def aligned(root: Path, *vocabs: tuple[str, ...], spec: Spec | None = None) -> TestSet:
    """The test set of a folder for models with these vocabs."""
    folder = list_test_folder(root, spec=spec)
    models = [make_model(f"{number}.pkl", vocab=vocab) for number, vocab in enumerate(vocabs)]
    classes = classes_of(vocabs, spec=spec)
    refuse_lacking_models(folder, classes, models=models)
    return read_test_set(folder, classes, pictures=Pictures())


def labels_of(test_set: TestSet) -> dict[str, str]:
    """The label of each image by its name."""
    return {image.name: image.label for image in test_set.images}


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(BadInputError, match=r"can't be read \(No such file") as caught:
        list_test_folder(tmp_path / "nowhere", spec=None)
    assert caught.value.where == str(tmp_path / "nowhere")


def test_a_file_instead_of_a_folder_is_bad_input(tmp_path: Path) -> None:
    """A zip of the photos is not a folder."""
    path = tmp_path / "photos.zip"
    path.touch()
    with pytest.raises(BadInputError, match="it must be a folder with one folder of images"):
        list_test_folder(path, spec=None)


def test_a_folder_without_class_folders_is_bad_input(tmp_path: Path) -> None:
    """Images without class folders have no labels; the message shows the layout."""
    draw_image(tmp_path / "robin.png")
    with pytest.raises(BadInputError, match=r"no class folders(?s:.*)DIR/<label>/<image>"):
        list_test_folder(tmp_path, spec=None)


def test_class_folders_without_images_are_bad_input(tmp_path: Path) -> None:
    """An empty test is an error, not a grade of 0; the message lists the endings."""
    draw_folder(tmp_path, {"robin": 0, "wren": 0})
    with pytest.raises(BadInputError, match=r"holds no images(?s:.*)\.jpg, \.jpeg, \.png"):
        list_test_folder(tmp_path, spec=None)


def test_more_images_than_the_spec_allows_are_bad_input(tmp_path: Path) -> None:
    """The message has both numbers; a folder of exactly the limit is listed."""
    draw_folder(tmp_path, {"robin": 2, "wren": 1})
    allowed = list_test_folder(tmp_path, spec=make_spec(limits=Limits(max_images=3)))
    assert allowed.n_images == 3
    with pytest.raises(BadInputError, match="holds 3 images, more than the 2 that the spec"):
        list_test_folder(tmp_path, spec=make_spec(limits=Limits(max_images=2)))


def test_folders_in_no_class_of_the_spec_are_all_named(tmp_path: Path) -> None:
    """Even empty ones are named, together with the spec's classes."""
    draw_folder(tmp_path, {"robin": 1, "owl": 1, "duck": 0})
    with pytest.raises(BadInputError, match='"small": "duck", "owl"') as caught:
        list_test_folder(tmp_path, spec=make_spec())
    assert caught.value.advice.endswith('its classes are "robin", "wren"')


@pytest.mark.parametrize(
    "folder", ["cigüeña", "CIGÜEÑA", unicodedata.normalize("NFD", "cigüeña"), "Stork"]
)
def test_a_folder_lands_on_its_class_by_any_spelling(tmp_path: Path, folder: str) -> None:
    """Upper case, decomposed letters and aliases."""
    spec = make_spec(labels=("cigüeña", "loro"), aliases={"cigüeña": ("stork",)})
    draw_folder(tmp_path, {folder: 1, "loro": 1})
    test_set = aligned(tmp_path, ("white", "cigüeña", "loro"), spec=spec)
    assert labels_of(test_set) == {f"{folder}/0.png": "cigüeña", "loro/0.png": "loro"}


def test_a_vocab_of_aliases_knows_the_classes(tmp_path: Path) -> None:
    """The spec joins folder and vocab, whichever spelling each uses."""
    spec = make_spec(aliases={"robin": ("petirrojo",), "wren": ("chochín",)})
    draw_folder(tmp_path, {"robin": 1, "wren": 1})
    assert aligned(tmp_path, ("Chochín", "petirrojo"), spec=spec).labels == ("robin", "wren")


def test_without_a_spec_the_classes_are_the_vocabs(tmp_path: Path) -> None:
    """In the vocab's order, with case and form folded."""
    draw_folder(tmp_path, {"Robin": 1, "wren": 1})
    test_set = aligned(tmp_path, ("wren", "robin"))
    assert test_set.labels == ("wren", "robin")
    assert labels_of(test_set) == {"Robin/0.png": "robin", "wren/0.png": "wren"}


def test_without_a_spec_folders_that_the_vocab_lacks_refuse_the_model(tmp_path: Path) -> None:
    """All of them are named, and what the model knows."""
    draw_folder(tmp_path, {"robin": 1, "owl": 1, "duck": 1})
    with pytest.raises(ModelRefusedError, match='"duck", "owl"; it knows "robin", "wren"'):
        aligned(tmp_path, ("wren", "robin"))


def test_a_baseline_that_lacks_a_class_is_refused_by_its_own_path(tmp_path: Path) -> None:
    """The candidate is not blamed for it."""
    draw_folder(tmp_path, {"robin": 1, "wren": 1})
    with pytest.raises(ModelRefusedError, match='lacks classes of the test set: "wren"') as caught:
        aligned(tmp_path, ("robin", "wren"), ("robin", "owl"))
    assert caught.value.where == "models/1.pkl"


def test_a_model_may_lack_a_class_without_images(tmp_path: Path) -> None:
    """There is nothing to check for an empty folder."""
    draw_folder(tmp_path, {"robin": 1, "wren": 0})
    assert aligned(tmp_path, ("robin", "owl"), spec=make_spec()).labels == ("robin", "wren", "owl")


def test_what_only_a_vocab_names_becomes_a_class_at_the_end() -> None:
    """After the spec's, the candidate's entries before the baseline's, each once."""
    classes = classes_of(
        [("owl", "wren", "robin"), ("robin", "wren", "OWL", "duck")], spec=make_spec()
    )
    assert classes.labels == ("robin", "wren", "owl", "duck")
    assert classes.label_of("Owl") == "owl"


def test_a_name_in_no_class_has_no_label() -> None:
    """It is undefined, and not the nearest one."""
    assert classes_of([("robin",)], spec=None).label_of("robins") is None


def test_a_class_without_images_stays_among_the_labels(tmp_path: Path) -> None:
    """Whether its folder is empty or missing."""
    draw_folder(tmp_path, {"robin": 1, "owl": 0})
    spec = make_spec(labels=("owl", "robin", "wren"))
    assert aligned(tmp_path, ("robin", "wren", "owl"), spec=spec).labels == spec.labels


def test_images_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    """By folder first; other files are kept beside them."""
    draw_folder(tmp_path, {"wren": 2, "robin": 1})
    (tmp_path / "notes.txt").touch()
    test_set = aligned(tmp_path, ("wren", "robin"))
    assert list(labels_of(test_set)) == ["robin/0.png", "wren/0.png", "wren/1.png"]
    assert test_set.other_files == ("notes.txt",)


def test_a_header_says_the_shorter_side(tmp_path: Path) -> None:
    """Of an image of 9 x 7 pixels; a file that can't be opened has none."""
    Image.new("RGB", (9, 7)).save(tmp_path / "small.png")
    assert read_header(tmp_path / "small.png") == ImageHeader(shorter_side_px=7, is_rotated=False)
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert read_header(tmp_path / "torn.png") is None


@pytest.mark.parametrize(("orientation", "is_rotated"), [(1, False), (3, True), (6, True)])
def test_a_header_says_whether_exif_asks_for_a_turn(
    tmp_path: Path, orientation: int, *, is_rotated: bool
) -> None:
    """1 is upright; phones write 6 for a photo that was taken upright."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg", exif=exif)
    header = read_header(tmp_path / "photo.jpg")
    assert header is not None
    assert header.is_rotated is is_rotated

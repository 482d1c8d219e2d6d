"""How good and bad model files are loaded."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from grader.engine.torch_network import TorchNetwork
from grader.errors import BadInputError, ModelRefusedError, UnreadableImageError
from grader.loading import classifiers
from grader.loading.classifiers import classifier_of, load_classifier
from grader.loading.inspecting import inspect_file
from grader.loading.rebuilding.rebuild import rebuild_model
from hidden_test_spec.images import sha256_of
from tests.grader.exports import export_unresized
from tests.grader.pictures import input_of_grader, read_picture


def test_a_learner_becomes_a_classifier_in_eval_mode(resnet_export: Path) -> None:
    """Vocab, architecture, hash and mode are those of the export."""
    classifier = load_classifier(resnet_export)

    assert classifier.info.vocab == ("cigüeña", "garza", "loro")
    assert classifier.info.architecture == "resnet18"
    assert classifier.info.sha256 == sha256_of(resnet_export)
    assert isinstance(classifier.network, TorchNetwork)
    assert not any(module.training for module in classifier.network.module.modules())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"])
def test_images_of_every_mode_are_read_as_fastai_reads_them(
    resnet_export: Path, tmp_path: Path, mode: str
) -> None:
    """Decoding and preparing equals fastai's own data loader, bit for bit."""
    from fastai.learner import load_learner  # noqa: PLC0415 - slow, and only needed here

    path = tmp_path / ("image.jpg" if mode == "CMYK" else "image.png")
    gradient = Image.linear_gradient("L").resize((50, 40))
    if mode == "I;16":
        Image.new("I;16", (50, 40), 40_000).save(path)
    else:
        gradient.convert(mode).save(path)
    classifier = load_classifier(resnet_export)
    with pytest.warns(UserWarning, match="insecure pickle"):
        learner = load_learner(resnet_export)

    ours = input_of_grader(classifier.preprocessing, [path])
    (theirs,) = learner.dls.test_dl([path], num_workers=0).one_batch()

    assert torch.equal(ours, theirs.as_subclass(torch.Tensor))


def test_random_transforms_do_nothing_random(resnet_export: Path, noise_folder: Path) -> None:
    """The validation side is taken: preparing an image twice gives the same tensor."""
    classifier = load_classifier(resnet_export)
    paths = [noise_folder / "garza" / "0.png"]

    first, second = (input_of_grader(classifier.preprocessing, paths) for _ in range(2))

    assert torch.equal(first, second)


# fastai leaves the file open when decoding fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("truncated.png", None),
        ("page.jpg", b"<!DOCTYPE html><title>404</title>"),
        ("empty.jpg", b""),
    ],
)
def test_a_broken_image_is_unreadable_with_a_reason(
    resnet_export: Path, noise_folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    """Truncated files, web pages and empty files raise the one error that doesn't end a run."""
    whole = (noise_folder / "garza" / "0.png").read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)

    with pytest.raises(UnreadableImageError, match=r"truncated|cannot identify"):
        read_picture(path, load_classifier(resnet_export).preprocessing)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git-lfs pointer"),
        (b"\n<!doctype html><html></html>", "a web page"),
        (b"just some words", "not a file that torch.save or learn.export"),
    ],
)
def test_a_file_that_is_no_export_is_refused_by_name(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """The usual mistakes are named before anything is unpickled."""
    path = tmp_path / "model.pkl"
    path.write_bytes(content)

    with pytest.raises(ModelRefusedError, match=message):
        load_classifier(path)


def test_a_state_dict_is_told_apart_from_an_export(tmp_path: Path) -> None:
    """A student who used learn.save() is told to use learn.export()."""
    path = tmp_path / "model.pkl"
    torch.save(torch.nn.Linear(2, 2).state_dict(), path)

    with pytest.raises(ModelRefusedError, match=r"a state dict[\s\S]*learn\.export"):
        load_classifier(path)


def test_a_bare_network_is_refused(tmp_path: Path) -> None:
    """A module without its learner has neither vocab nor transforms."""
    path = tmp_path / "model.pkl"
    torch.save(torch.nn.Linear(2, 2), path)

    with pytest.raises(ModelRefusedError, match="not a Learner: a bare module"):
        load_classifier(path)


def test_a_missing_model_is_bad_input(tmp_path: Path) -> None:
    """A wrong path is the instructor's mistake, not the student's."""
    with pytest.raises(BadInputError, match="No such file"):
        load_classifier(tmp_path / "nowhere.pkl")


def test_transforms_that_fail_on_a_photo_are_refused(
    sound_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any photo of the test folder is read, and as the model's fault."""

    def failing(*_arguments: object) -> torch.Tensor:
        raise RuntimeError("the sizes don't fit")

    monkeypatch.setattr("grader.loading.classifiers.prepare_image", failing)
    with pytest.raises(ModelRefusedError, match=r"fail on a photo of 331 x 467 .*don't fit"):
        load_classifier(sound_model)


def test_a_network_of_one_size_is_tried_at_the_size_of_the_photos(tmp_path: Path) -> None:
    """Though nothing resizes them, and whatever the size is."""
    path = export_unresized(tmp_path / "flat.pkl", size=(41, 29))

    assert load_classifier(path, photo_size=lambda: (41, 29)).sole_size == (41, 29)
    with pytest.raises(ModelRefusedError, match="the network fails on an image of 3 x 467 x 331"):
        load_classifier(path, photo_size=lambda: (30, 41))


def test_a_network_of_a_usual_size_is_known_without_photos(tmp_path: Path) -> None:
    """For photos of another size the refusal names it, and the advice is to resize to it."""
    path = export_unresized(tmp_path / "flat.pkl", size=(28, 28))

    assert load_classifier(path).sole_size == (28, 28)
    with pytest.raises(ModelRefusedError, match=r"28 x 28 pixels only.* has 640 x 480") as caught:
        load_classifier(path, photo_size=lambda: (640, 480))
    assert "item_tfms=Resize((28, 28))" in caught.value.advice


def test_a_network_that_takes_any_size_has_no_sole_one(sound_model: Path) -> None:
    """Resized or not."""
    assert load_classifier(sound_model, photo_size=lambda: (40, 30)).sole_size is None


def test_what_two_models_do_to_a_photo_can_be_compared_and_handed_to_a_process(
    resnet_export: Path, sound_model: Path
) -> None:
    """It is a value: equal where it was read from the same transforms, and equal after a trip."""
    first, again, other = (
        load_classifier(path).preprocessing for path in (resnet_export, resnet_export, sound_model)
    )
    assert first == again
    assert first is not again
    assert len({first, again, other}) == 2
    assert pickle.loads(pickle.dumps(first)) == first  # noqa: S301 - our own bytes


def test_the_hash_is_that_of_the_bytes_that_were_read(resnet_export: Path, tmp_path: Path) -> None:
    """Another file under the export's name, put there after it was read, is not the one graded."""
    path = tmp_path / "model.pkl"
    path.write_bytes(resnet_export.read_bytes())
    inspection = inspect_file(path)
    path.rename(tmp_path / "elsewhere.pkl")
    path.write_bytes(b"another file")
    assert classifier_of(inspection).info.sha256 == sha256_of(resnet_export)


def test_an_export_that_changes_while_it_is_rebuilt_is_refused(
    resnet_export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash would be that of numbers which nobody ran."""
    path = tmp_path / "model.pkl"
    path.write_bytes(resnet_export.read_bytes())
    inspection = inspect_file(path)

    def rebuild_and_write(*arguments: Any, **options: Any) -> Any:
        with path.open("r+b") as file:
            file.seek(-30, 2)
            file.write(b"?")
        return rebuild_model(*arguments, **options)

    monkeypatch.setattr(classifiers, "rebuild_model", rebuild_and_write)
    with pytest.raises(ModelRefusedError, match="changed while it was read"):
        classifier_of(inspection)

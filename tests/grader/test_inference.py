"""Running models: devices, batches, and what is refused."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.errors import MachineError, ModelRefusedError
from grader.inference import default_batch_size, resolve_device, run_models
from grader.loading.classifier import Classifier
from grader.loading.learner import load_classifier
from grader.results import ModelOutputs, TestImage

CPU = torch.device("cpu")


def images_of(folder: Path) -> tuple[TestImage, ...]:
    """All files of a test folder."""
    return tuple(
        TestImage(path=path, name=path.name, label=path.parent.name)
        for path in sorted(folder.glob("*/*"))
    )


def outputs_of(
    classifier: Classifier, folder: Path, *, batch_size: int, device: torch.device = CPU
) -> ModelOutputs:
    """What one classifier says of a folder."""
    images = images_of(folder)
    (outputs,), _ = run_models([classifier], images, device=device, batch_size=batch_size)
    return outputs


def with_network(path: Path, network: torch.nn.Module) -> Classifier:
    """The classifier of an export, with another network."""
    return dataclasses.replace(load_classifier(path), module=network)


class Constant(torch.nn.Module):
    """Answers every image with the same outputs."""

    def __init__(self, outputs: list[float]) -> None:
        """Keep the outputs."""
        super().__init__()
        self.outputs = outputs

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        return torch.tensor([self.outputs] * len(batch))


def test_batch_size_does_not_change_the_answers(resnet_export: Path, noise_folder: Path) -> None:
    """Logits agree to 1e-5 and no prediction flips, whatever the batch size."""
    classifier = load_classifier(resnet_export)

    one, many = (outputs_of(classifier, noise_folder, batch_size=size) for size in (1, 64))

    assert np.abs(one.logits - many.logits).max() < 1e-5
    assert (one.logits.argmax(axis=1) == many.logits.argmax(axis=1)).all()


def test_a_network_left_in_training_mode_is_put_into_eval_mode(
    resnet_export: Path, noise_folder: Path
) -> None:
    """Batch normalisation and dropout act as at validation, whatever the file says."""
    classifier = load_classifier(resnet_export)
    before = outputs_of(classifier, noise_folder, batch_size=8)

    classifier.module.train()
    after = outputs_of(classifier, noise_folder, batch_size=8)

    assert np.array_equal(before.logits, after.logits)


def test_unreadable_images_are_noted_and_the_rest_is_run(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """A page named .jpg costs only its own row."""
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    broken = TestImage(path=page, name="red/page.jpg", label="red")
    images = (*images_of(colour_folder)[:2], broken, *images_of(colour_folder)[2:])

    (outputs,), _ = run_models([load_classifier(sound_model)], images, device=CPU, batch_size=4)

    assert outputs.positions.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert [position for position, _ in outputs.unreadable] == [2]
    assert "cannot identify" in outputs.unreadable[0][1]


def test_progress_counts_all_images_of_all_models(sound_model: Path, colour_folder: Path) -> None:
    """The last call says that everything is done."""
    calls: list[tuple[int, int]] = []
    classifiers = [load_classifier(sound_model)] * 2

    run_models(
        classifiers,
        images_of(colour_folder),
        device=CPU,
        batch_size=5,
        on_progress=lambda done, total: calls.append((done, total)),
    )

    assert calls[-1] == (18, 18)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_outputs_of_a_wrong_width_are_refused(sound_model: Path, colour_folder: Path) -> None:
    """The message says what was found and what was expected."""
    classifier = with_network(sound_model, Constant([1.0, 2.0]))

    with pytest.raises(ModelRefusedError, match=r"gives outputs \(8, 2\), expected \(8, 3\)"):
        outputs_of(classifier, colour_folder, batch_size=8)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_outputs_that_are_not_finite_are_refused(
    sound_model: Path, colour_folder: Path, bad: float
) -> None:
    """The message says for how many images."""
    classifier = with_network(sound_model, Constant([1.0, bad, 0.0]))

    with pytest.raises(ModelRefusedError, match="NaN or infinite for 9 images"):
        outputs_of(classifier, colour_folder, batch_size=8)


def test_a_network_that_fails_is_refused(sound_model: Path, colour_folder: Path) -> None:
    """An exception of the network is the model's fault, and no crash."""
    classifier = with_network(sound_model, torch.nn.Linear(7, 3))

    with pytest.raises(ModelRefusedError, match="fails on a batch of images"):
        outputs_of(classifier, colour_folder, batch_size=8)


def test_small_batches_are_the_default_on_a_cpu() -> None:
    """A GPU gets more images at a time."""
    assert default_batch_size(CPU) < default_batch_size(torch.device("cuda"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:7"])
def test_a_missing_gpu_is_an_error_and_never_a_silent_cpu_run(name: str) -> None:
    """Asking for CUDA where there is none says so."""
    with pytest.raises(MachineError, match="torch sees no CUDA device"):
        resolve_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_auto_is_the_cpu_where_there_is_nothing_better() -> None:
    """Without a GPU, auto runs on the CPU."""
    assert resolve_device("auto").type in {"cpu", "mps"}


@pytest.mark.gpu
def test_a_gpu_answers_as_the_cpu_does(
    gpu_device: str, resnet_export: Path, noise_folder: Path
) -> None:
    """Probabilities agree to 1e-4 and no prediction flips."""
    classifier = load_classifier(resnet_export)
    device = resolve_device(gpu_device)

    cpu = outputs_of(classifier, noise_folder, batch_size=8)
    gpu = outputs_of(classifier, noise_folder, batch_size=8, device=device)

    assert np.abs(cpu.logits - gpu.logits).max() < 1e-4
    assert (cpu.logits.argmax(axis=1) == gpu.logits.argmax(axis=1)).all()


@pytest.mark.gpu
def test_auto_takes_the_gpu_and_the_engine_names_the_card(
    gpu_device: str, sound_model: Path, colour_folder: Path
) -> None:
    """The report says which card ran."""
    device = resolve_device("auto")

    _, engine = run_models(
        [load_classifier(sound_model)], images_of(colour_folder), device=device, batch_size=4
    )

    assert engine.device == f"{gpu_device} ({torch.cuda.get_device_name(device)})"

"""Running models: devices, batches, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.engine.classifier import Classifier
from grader.engine.devices import default_batch_size, resolve_device
from grader.engine.inference import run_models
from grader.engine.torch_network import TorchNetwork
from grader.errors import MachineError, ModelRefusedError
from grader.images.sharing import Pictures
from grader.loading.classifiers import load_classifier
from grader.results.answers import ModelOutputs
from grader.results.preprocessing import SampleGrid
from tests.factories import draw_image
from tests.grader.networks import PIXELS, Colours, Hungry, classifier_of, images_of

CPU = torch.device("cpu")


class Counting(Colours):
    """Tells how many images it was given at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """The same answers."""
        self.sizes.append(len(batch))
        return super().forward(batch)


def outputs_of(
    classifier: Classifier,
    folder: Path,
    *,
    batch_size: int | None = None,
    device: torch.device = CPU,
) -> ModelOutputs:
    """What one classifier says of a folder."""
    images = images_of(folder)
    (outputs,), _ = run_models(
        [classifier], images, pictures=Pictures(), device=device, batch_size=batch_size
    )
    return outputs


def test_batch_size_does_not_change_the_answers(resnet_export: Path, noise_folder: Path) -> None:
    """On a CPU they are the same to the bit: the network gets as many images whatever is asked."""
    classifier = load_classifier(resnet_export)

    one, many = (outputs_of(classifier, noise_folder, batch_size=size) for size in (1, 64))

    assert np.array_equal(one.logits, many.logits)


def test_a_network_left_in_training_mode_is_put_into_eval_mode(
    resnet_export: Path, noise_folder: Path
) -> None:
    """Batch normalisation and dropout act as at validation, whatever the file says."""
    classifier = load_classifier(resnet_export)
    before = outputs_of(classifier, noise_folder, batch_size=8)

    assert isinstance(classifier.network, TorchNetwork)
    classifier.network.module.train()
    after = outputs_of(classifier, noise_folder, batch_size=8)

    assert np.array_equal(before.logits, after.logits)


def test_progress_counts_all_images_of_all_models(colour_folder: Path) -> None:
    """The last call says that everything is done."""
    calls: list[tuple[int, int]] = []

    run_models(
        [classifier_of(Colours())] * 2,
        images_of(colour_folder),
        pictures=Pictures(),
        device=CPU,
        batch_size=5,
        on_progress=lambda done, total: calls.append((done, total)),
    )

    assert calls[-1] == (18, 18)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_the_engine_says_how_many_images_were_run_again_and_what_that_changed(
    colour_folder: Path,
) -> None:
    """Nine of nine images by each of two models; the honest answers move by rounding only."""
    classifiers = [classifier_of(Colours())] * 2
    _, engine = run_models(classifiers, images_of(colour_folder), pictures=Pictures(), device=CPU)
    assert engine.n_regraded == 18
    assert engine.largest_change < 1e-6
    assert engine.images_per_s == pytest.approx((18 + 18) / engine.wall_s)


def test_a_network_that_cannot_be_put_on_the_device_is_refused(colour_folder: Path) -> None:
    """One without numbers, for instance; the error is its own."""
    network = torch.nn.Linear(3, 3, device="meta")
    with pytest.raises(ModelRefusedError, match="can't be put on cpu"):
        outputs_of(classifier_of(network), colour_folder)


def test_a_network_that_asks_for_too_much_memory_is_the_machines_lack(colour_folder: Path) -> None:
    """Exit code 6, with advice."""
    with pytest.raises(MachineError, match="ran out of memory"):
        outputs_of(classifier_of(Hungry()), colour_folder)


def test_small_batches_are_the_default_on_a_cpu() -> None:
    """A GPU gets more images at a time."""
    n_elements = 3 * 224 * 224
    assert default_batch_size(CPU, n_elements=n_elements) == 8
    assert default_batch_size(torch.device("cuda"), n_elements=n_elements) == 64


@pytest.mark.parametrize(
    ("side_px", "n_images"), [(1, 8), (320, 8), (321, 7), (640, 2), (641, 1), (30000, 1)]
)
def test_large_images_come_fewer_at_a_time(side_px: int, n_images: int) -> None:
    """A batch holds no more numbers than eight images of 320 pixels, and always an image."""
    assert default_batch_size(CPU, n_elements=3 * side_px**2) == n_images


def test_the_batch_size_follows_from_the_first_image_that_can_be_read(
    tmp_path: Path,
) -> None:
    """Here it is the second, whose batch's own transforms make it large: two fit."""
    (tmp_path / "red").mkdir()
    (tmp_path / "red" / "0.png").write_text("<html>")
    for number in (1, 2, 3):
        draw_image(tmp_path / "red" / f"{number}.png", side_px=8)
    enlarge = SampleGrid(size=(600, 600), mode="nearest", pad_mode="zeros", align_corners=False)
    network = Counting()
    classifier = classifier_of(network)
    outputs_of(replace(classifier, preprocessing=replace(PIXELS, batch_steps=(enlarge,))), tmp_path)

    assert sorted(network.sizes[:2]) == [1, 2]  # three images by twos, side by side


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:7"])
def test_a_missing_gpu_is_an_error_and_never_a_silent_cpu_run(name: str) -> None:
    """Asking for CUDA where there is none says so."""
    with pytest.raises(MachineError, match="torch sees no CUDA device"):
        resolve_device(name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("name", ["tpu", "", "cuda:", "cuda:x", "cpu:zero"])
def test_a_name_that_is_no_device_is_told_with_those_that_are(name: str) -> None:
    """A library call has no command line before it that would refuse it."""
    with pytest.raises(MachineError, match="write auto, cpu, cuda, cuda:N or mps"):
        resolve_device(name)


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
        [load_classifier(sound_model)],
        images_of(colour_folder),
        pictures=Pictures(),
        device=device,
        batch_size=4,
    )

    assert engine.device == f"{gpu_device} ({torch.cuda.get_device_name(device)})"

"""One batch through a network: eval mode, outputs as wide as the vocab, faults in words."""

import pytest
import torch

from grader.engine.network import (
    blamed_on,
    logits_of,
    memory_errors,
    network_input,
)
from grader.errors import MachineError, ModelRefusedError
from tests.grader.networks import Colours, Constant, Hungry, classifier_of

CPU = torch.device("cpu")
IMAGES = [torch.full((3, 4, 4), 0.1 * number) for number in range(3)]


class Gives(torch.nn.Module):
    """Gives whatever it was made with."""

    def __init__(self, outputs: object) -> None:
        """Keep the outputs."""
        super().__init__()
        self.outputs = outputs

    def forward(self, _batch: torch.Tensor) -> object:
        """The outputs."""
        return self.outputs


class Fails(torch.nn.Module):
    """Raises what it was made with."""

    def __init__(self, error: Exception) -> None:
        """Keep the error."""
        super().__init__()
        self.error = error

    def forward(self, _batch: torch.Tensor) -> torch.Tensor:
        """Raise."""
        raise self.error


def test_outputs_come_as_float64_rows() -> None:
    """One for each image, in the network's order."""
    logits = logits_of(classifier_of(Constant([1.0, 2.0, 3.0])), IMAGES, CPU)
    assert logits.dtype == "float64"
    assert logits.tolist() == [[1.0, 2.0, 3.0]] * 3


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (torch.zeros(3, 5), "gives 5 outputs for 3 classes"),
        (torch.zeros(3, 2), "gives 2 outputs for 3 classes"),
        (torch.zeros(3, 1), "gives 1 outputs for 3 classes"),
        (torch.zeros(3), r"gives an array of shape \(3,\) for 3 images, not one row for each"),
        (torch.zeros(1, 3), r"gives an array of shape \(1, 3\) for 3 images"),
        (torch.zeros(3, 3, 7, 7), r"gives an array of shape \(3, 3, 7, 7\) for 3 images"),
        (torch.zeros(()), r"gives an array of shape \(\) for 3 images"),
        ((torch.zeros(3, 3), torch.zeros(3, 3)), "gives a tuple, not a tensor"),
        ({"logits": torch.zeros(3, 3)}, "gives a dict, not a tensor"),
        (None, "gives a NoneType, not a tensor"),
        (torch.zeros(3, 3, dtype=torch.int64), "gives int64, not floating-point numbers"),
        (torch.zeros(3, 3, dtype=torch.complex64), "gives complex64, not floating-point"),
    ],
)
def test_outputs_that_are_no_row_for_each_image_are_refused(outputs: object, said: str) -> None:
    """The message says what was found, and for how many classes or images."""
    with pytest.raises(ModelRefusedError, match=said):
        logits_of(classifier_of(Gives(outputs)), IMAGES, CPU)


@pytest.mark.parametrize(
    "error",
    [
        AssertionError("Input height (4) doesn't match model (224)."),
        IndexError("dimension out of range"),
        KeyError("x"),
        RuntimeError("mat1 and mat2 shapes"),
        ZeroDivisionError("division by zero"),
    ],
)
def test_a_network_that_fails_is_refused(error: Exception) -> None:
    """Whatever it raises is the model's fault, and no crash."""
    with pytest.raises(ModelRefusedError, match=f"a batch of 3 images .{type(error).__name__}: "):
        logits_of(classifier_of(Fails(error)), IMAGES, CPU)


def test_what_a_network_says_of_its_failure_is_shown_on_one_line() -> None:
    """Control characters are escaped and a long text is cut."""
    error = RuntimeError("first\n  \x1b[31msecond " + "x" * 1000)
    with pytest.raises(
        ModelRefusedError, match=r"RuntimeError: first \\x1b\[31msecond x"
    ) as caught:
        logits_of(classifier_of(Fails(error)), IMAGES, CPU)
    assert len(caught.value.what) < 400


def test_images_of_unequal_sizes_make_no_batch() -> None:
    """The model is refused."""
    with pytest.raises(ModelRefusedError, match="leaves images at unequal sizes"):
        network_input(classifier_of(Colours()), [IMAGES[0], IMAGES[1][:, :2]], CPU)


def test_a_cpu_without_enough_memory_is_the_machines_lack() -> None:
    """What torch raises as a plain RuntimeError is told apart, and says what to do."""
    classifier = classifier_of(Hungry())
    with (
        pytest.raises(MachineError, match="The device cpu ran out of memory") as caught,
        memory_errors(classifier, CPU),
    ):
        logits_of(classifier, IMAGES, CPU)
    assert caught.value.advice == "use a smaller --batch-size, or a machine with more memory"
    assert caught.value.where == "models/model.pkl"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        MemoryError(),
    ],
)
def test_a_gpu_without_enough_memory_is_the_machines_lack(error: Exception) -> None:
    """The CPU is another way out."""
    classifier = classifier_of(Fails(error))
    with (
        pytest.raises(MachineError, match="cuda:0 ran out of memory") as caught,
        memory_errors(classifier, torch.device("cuda:0")),
    ):
        logits_of(classifier, IMAGES, CPU)
    assert "or --device cpu" in caught.value.advice


def test_another_error_is_no_lack_of_memory() -> None:
    """A bug of the grader keeps its traceback."""
    with (
        pytest.raises(RuntimeError, match="a bug"),
        memory_errors(classifier_of(Colours()), CPU),
    ):
        raise RuntimeError("a bug")


def test_an_interruption_is_nobodys_fault() -> None:
    """Only errors are blamed on the model."""
    with (
        pytest.raises(KeyboardInterrupt, match="stop"),
        blamed_on(classifier_of(Colours()), "It fails"),
    ):
        raise KeyboardInterrupt("stop")

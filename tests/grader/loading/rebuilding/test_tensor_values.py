import pytest
import torch

from grader.loading.inert.dtypes import DTYPES, UNTYPED
from grader.loading.inert.nodes import StorageNode, TensorNode
from grader.loading.rebuilding.tensor_values import TensorValues
from grader.loading.refusal import RefusedExportError

READ = [name for name, row in DTYPES.items() if row.numpy_name is not None] + ["bfloat16"]
REFUSED = sorted(DTYPES.keys() - {*READ, UNTYPED})


def record_of(tensor: torch.Tensor) -> TensorNode:
    """The record of a tensor in an export."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    data = memoryview(bytes(tensor.untyped_storage()))
    return TensorNode(
        storage=StorageNode("0", dtype, len(data) // tensor.itemsize, data),
        dtype=dtype,
        offset=int(tensor.storage_offset()),
        shape=tuple(tensor.shape),
        strides=tuple(tensor.stride()),
    )


@pytest.mark.parametrize("dtype", READ)
def test_numbers_come_back_in_single_precision_or_as_integers(dtype: str) -> None:
    """Of every type, through an offset and turned axes."""
    saved = torch.arange(8, dtype=torch.float32).to(getattr(torch, dtype)).view(2, 4).t()[1:]
    made = TensorValues(stored_bytes=64).tensor(record_of(saved), where="model")
    assert made.dtype == (torch.float32 if saved.is_floating_point() else saved.dtype)
    assert made.is_contiguous()
    assert made.tolist() == saved.tolist()


@pytest.mark.parametrize("dtype", REFUSED)
def test_a_type_of_no_model_is_refused_by_name(dtype: str) -> None:
    """Such as complex numbers, with which no classifier of images computes."""
    saved = torch.zeros(2, dtype=torch.float32).to(getattr(torch, dtype))
    with pytest.raises(RefusedExportError, match=f"of the type {dtype}, which the grader doesn't"):
        TensorValues(stored_bytes=64).tensor(record_of(saved), where="model")


def test_one_storage_shown_again_and_again_is_refused() -> None:
    """Each record is small, and together they would fill the memory."""
    values = TensorValues(stored_bytes=4)
    *first, last = [record_of(torch.zeros(1).expand(2**16)) for _ in range(65)]
    for record in first:
        values.tensor(record, where="model")
    with pytest.raises(RefusedExportError, match="show far more numbers than the file holds"):
        values.tensor(last, where="model")


def test_a_record_becomes_one_tensor() -> None:
    """Two modules that share a weight share it here too."""
    record, values = record_of(torch.ones(3)), TensorValues(stored_bytes=12)
    assert values.tensor(record, where="a") is values.tensor(record, where="b")


def test_what_is_no_tensor_is_refused() -> None:
    """With the place where it stands."""
    with pytest.raises(RefusedExportError, match="has a str where a tensor should be") as caught:
        TensorValues(stored_bytes=0).tensor("weight", where="model, 0.weight")
    assert caught.value.part == "model, 0.weight"

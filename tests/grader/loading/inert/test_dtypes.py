import numpy as np
import pytest
import torch

from grader.loading.inert.dtypes import DTYPES, UNTYPED, Dtype


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated:UserWarning")
@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
def test_a_row_says_what_torch_and_numpy_say(dtype: Dtype) -> None:
    """Size, kind, numpy's name and the storage's class are those of the libraries."""
    if dtype.name == UNTYPED:
        assert (dtype.size_bytes, dtype.storage) == (1, "UntypedStorage")
        return
    of_torch = getattr(torch, dtype.name)
    assert dtype.size_bytes == of_torch.itemsize
    assert dtype.is_floating_point is of_torch.is_floating_point
    if dtype.storage is not None:
        assert getattr(torch, dtype.storage).dtype == of_torch
    if dtype.numpy_name is not None:
        numbers = torch.zeros(1, dtype=of_torch).numpy()
        assert numbers.dtype == np.dtype(dtype.numpy_name) == np.dtype(dtype.letter)

from pathlib import Path

import pytest

from grader.errors import ModelRefusedError
from grader.grading.model_size import refuse_large_models, size_fault
from hidden_test_spec.spec import Limits

LIMITS = Limits(max_model_mb=2)


@pytest.mark.parametrize("size_bytes", [0, 1, 2_000_000])
def test_a_size_up_to_the_limit_is_no_fault(size_bytes: int) -> None:
    """MB are 10^6 bytes."""
    assert size_fault(size_bytes, LIMITS) is None


def test_a_size_over_the_limit_is_told_with_both_numbers() -> None:
    """As a clause."""
    fault = size_fault(3_500_000, LIMITS)

    assert fault == "the file has 3.5 MB, more than the 2 MB of the spec"


def test_a_model_over_the_limit_is_refused_by_its_path(tmp_path: Path) -> None:
    """Smaller files before it don't matter."""
    small, large = tmp_path / "small.pkl", tmp_path / "large.pkl"
    small.write_bytes(b"x")
    large.write_bytes(b"x" * 2_000_001)

    with pytest.raises(ModelRefusedError, match=r"The file has 2\.0 MB(.|\n)*large\.pkl"):
        refuse_large_models((small, large), LIMITS)


def test_a_missing_file_is_left_to_its_reader(tmp_path: Path) -> None:
    """The reader has a better message for it."""
    refuse_large_models((tmp_path / "no.pkl", tmp_path), LIMITS)

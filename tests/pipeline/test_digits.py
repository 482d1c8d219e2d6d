"""scikit-learn's digits as images in class folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from hidden_test_spec.reading import read_spec
from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.digits import write_digits
from pipeline.errors import BadInputError, UsageError
from pipeline.folders import list_class_folders, spec_faults


def test_the_folders_are_the_classes_of_the_digits_spec(tmp_path: Path) -> None:
    """The asked number of images lies in a folder for each of the ten labels."""
    assert write_digits(tmp_path / "out", per_class=3) == 30
    folder = list_class_folders(tmp_path / "out", extensions=IMAGE_EXTENSIONS)
    assert spec_faults(folder, read_spec("digits")) == []
    assert {len(images) for _, images in folder.images_by_folder} == {3}


def test_each_image_shows_the_digit_that_its_folder_names(tmp_path: Path) -> None:
    """Made small again, an image is closest to its own scan."""
    write_digits(tmp_path / "out", per_class=2)
    digits = load_digits()
    for value, label in enumerate(read_spec("digits").labels):
        for path in (tmp_path / "out" / label).iterdir():
            index = int(path.stem.removeprefix("digit_"))
            small = np.asarray(Image.open(path).resize((8, 8), Image.Resampling.BOX)) / 255 * 16
            distances = np.abs(digits.images - small).mean(axis=(1, 2))
            assert distances.argmin() == index
            assert digits.target[index] == value


def test_all_digits_are_written_if_no_number_is_given(tmp_path: Path) -> None:
    """There are 1,797 of them."""
    assert write_digits(tmp_path / "out") == 1797


def test_more_digits_than_there_are_is_an_error(tmp_path: Path) -> None:
    """The largest possible number is named, and nothing is written."""
    with pytest.raises(UsageError, match="use at most 174"):
        write_digits(tmp_path / "out", per_class=175)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that isn't empty is refused."""
    (tmp_path / "work").touch()
    with pytest.raises(BadInputError, match="not an empty folder"):
        write_digits(tmp_path, per_class=1)

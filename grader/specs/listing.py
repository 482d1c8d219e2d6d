"""The images of a test set with their labels, listed as a grading lists them."""

from pathlib import Path

from grader.grading.testset import align, classes_of, list_test_folder
from grader.results.answers import TestImage
from hidden_test_spec.spec import Spec


def labelled_images(root: Path, *, spec: Spec | None) -> tuple[TestImage, ...]:
    """Every image of DIR/<label>/<image>, sorted by folder and name.

    Args:
        root: The folder.
        spec: Whose classes the folders mean; None takes the folders' own names as labels.

    Raises:
        BadInputError: If the folder could not be graded on.
    """
    folder = list_test_folder(root, spec=spec)
    names = tuple(name for name, _ in folder.images_by_folder)
    return align(folder, classes_of([names], spec=spec), models=()).images

"""Lists the images of a test set with their labels, as a grading does."""

from pathlib import Path

from grader.errors import BadInputError
from grader.grading.testset import classes_of, list_labelled, list_test_folder
from grader.results.answers import ListedImage
from hidden_test_spec.spec import Spec


def labelled_images(root: Path, *, spec: Spec | None) -> tuple[ListedImage, ...]:
    """Every image of DIR/<label>/<image>, sorted by folder and name.

    Args:
        root: The folder.
        spec: The spec whose classes the folders mean; None takes the folders' own names as labels.

    Raises:
        BadInputError: If the folder could not be graded on.
    """
    folder = list_test_folder(root, spec=spec)
    names = tuple(name for name, _ in folder.images_by_folder)
    return list_labelled(folder, classes_of([names], spec=spec))


def unreadable_image(error: OSError, path: str) -> BadInputError:
    """The error to raise where an image of the test set can't be read."""
    return BadInputError(
        what=f"An image can't be read ({error.strerror})",
        where=path,
        advice="make it readable, or take it out of the folder",
    )

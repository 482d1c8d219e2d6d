"""What a grading needs before torch: the folder listed, the exports read, the photos begun.

torch takes longer to import than all of this together. Meanwhile, other processes read and decode.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.grading.model_size import refuse_large_models
from grader.grading.request import GradeRequest
from grader.grading.testset import list_test_folder
from grader.images.sharing import Pictures, n_processes_for
from grader.loading.inspecting import inspect_file
from grader.loading.learner.inspection import Inspection
from hidden_test_spec.images import ImageFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A request whose files were found and read.

    Attributes:
        folder: The test folder.
        inspections: Of the exports that are still to be loaded, the candidate first.
        pictures: The folder's photos, which are being read.
    """

    folder: ImageFolder
    inspections: tuple[Inspection, ...]
    pictures: Pictures


@contextmanager
def open_request(request: GradeRequest, *, is_loaded: bool = False) -> Iterator[Opened]:
    """Open what a request names; inside the block, other processes decode its photos.

    Args:
        request: What to grade.
        is_loaded: Whether its model is loaded already, so that only the baseline is read.

    Raises:
        BadInputError: If a path or the folder can't be used.
        ModelRefusedError: If an export can't be read, or is larger than the spec allows.
    """
    folder = list_test_folder(request.data, spec=request.spec)
    baselines = () if request.baseline is None else (request.baseline,)
    if request.spec is not None:
        refuse_large_models((request.model, *baselines), request.spec.limits)
    exports = baselines if is_loaded else (request.model, *baselines)
    inspections = tuple(map(inspect_file, exports))
    with Pictures(n_processes=n_processes_for(folder.n_images)) as pictures:
        pictures.start(
            (path for _, paths in folder.images_by_folder for path in paths),
            next((one.preprocessing for one in inspections), None),
        )
        yield Opened(folder=folder, inspections=inspections, pictures=pictures)

"""Grades several exports in one process, as a course does: `EXPORT... --data PHOTOS`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from grader.engine.tuning import tune_process
from grader.grading.testset import classes_of, list_labelled, list_test_folder
from grader.images.sharing import Pictures, n_processes_for
from grader.loading.inspecting import inspect_file
from grader.loading.learner.inspection import Inspection
from grader.results.answers import TestImage


def main() -> None:
    """Run all of them on the photos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="+", type=Path)
    parser.add_argument("--data", required=True, type=Path)
    arguments = parser.parse_args()
    folder = list_test_folder(arguments.data, spec=None)
    inspections = [inspect_file(path) for path in arguments.exports]
    classes = classes_of((one.vocab for one in inspections), spec=None)
    listed = list_labelled(folder, classes)
    tune_process()
    with Pictures(n_processes=n_processes_for(len(listed))) as pictures:
        pictures.start((image.path for image in listed), inspections[0].preprocessing)
        _run(inspections, pictures.read(listed), pictures)


def _run(
    inspections: Sequence[Inspection], images: Sequence[TestImage], pictures: Pictures
) -> None:
    from grader.engine.devices import resolve_device
    from grader.engine.inference import run_models
    from grader.loading.classifiers import classifier_of

    classifiers = [classifier_of(one) for one in inspections]
    run_models(classifiers, images, pictures=pictures, device=resolve_device("cpu"))


if __name__ == "__main__":
    main()

import shutil
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.learner import load_learner

from grader.checking.check import check_export
from grader.checking.results import CheckRequest, CheckResult
from grader.errors import BadInputError
from hidden_test_spec.spec import ClassSpec, Criterion, Limits, Rubric, Spec
from tests.grader.exports import export, export_colour_model


def make_colours(*rules: str, labels: str = "red green blue", max_model_mb: int = 1000) -> Spec:
    """A spec of colours; every rule is worth a point."""
    return Spec(
        name="colours",
        version="1.0.0",
        classes=tuple(ClassSpec(label=label, queries=(label,)) for label in labels.split()),
        limits=Limits(max_model_mb=max_model_mb),
        rubric=Rubric(criteria=tuple(Criterion(rule=rule, points=1) for rule in rules)),
    )


ABOVE_90 = make_colours("accuracy >= 0.9")


def faults(result: CheckResult) -> list[str]:
    """Names of the items that are faults."""
    return [item.name for item in result.with_status("fault")]


def test_a_sound_export_is_ready(sound_model: Path) -> None:
    """File, class names and outputs were looked at; without images there is no grade."""
    result = check_export(CheckRequest(model=sound_model, spec=ABOVE_90))

    assert result.outcome == "ready"
    assert [item.name for item in result.items] == ["size", "reading", "classes", "outputs"]
    assert result.report is None


def test_images_give_the_verdict_of_a_grading(sound_model: Path, colour_folder: Path) -> None:
    """The report is whole."""
    request = CheckRequest(model=sound_model, spec=ABOVE_90, data=colour_folder)
    result = check_export(request)

    assert result.outcome == "ready"
    assert result.items[-1].said == "9 of the 9 given images right, 1 of 1 points"
    assert result.report is not None
    assert result.report.grade is not None
    assert result.report.grade.passed


def test_a_model_below_the_rubric_is_told_so(reddish_model: Path, colour_folder: Path) -> None:
    """A grade below the rubric is not a refusal."""
    request = CheckRequest(model=reddish_model, spec=ABOVE_90, data=colour_folder)
    result = check_export(request)

    assert result.outcome == "below the rubric"
    assert faults(result) == ["grade"]


def test_a_baseline_is_compared_with_where_it_is_given(
    sound_model: Path, greenish_model: Path, colour_folder: Path
) -> None:
    """Without one the rubric can't be met, and a warning says why."""
    spec = make_colours("accuracy_change >= 0 against the first stage")
    request = CheckRequest(model=sound_model, spec=spec, data=colour_folder)
    compared = CheckRequest(
        model=sound_model, spec=spec, data=colour_folder, baseline=greenish_model
    )

    alone, against = check_export(request), check_export(compared)

    assert (alone.outcome, against.outcome) == ("below the rubric", "ready")
    assert any("baseline" in item.said for item in alone.with_status("warning"))


def test_faults_of_names_stand_beside_what_the_network_does(sound_model: Path) -> None:
    """All are named at once, and no image is graded while a fault remains."""
    spec = make_colours("accuracy >= 0.9", labels="red green yellow")
    result = check_export(CheckRequest(model=sound_model, spec=spec))

    assert result.outcome == "refused"
    assert faults(result) == ["classes"]
    assert result.items[-1].name == "outputs"


def test_nothing_is_graded_that_would_be_refused(
    sound_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    """The last item says why there is no grade."""
    folder = shutil.copytree(colour_folder, tmp_path / "test")
    shutil.rmtree(folder / "blue")
    spec = make_colours("accuracy >= 0.9", labels="red green yellow")
    result = check_export(CheckRequest(model=sound_model, spec=spec, data=folder))

    assert (result.outcome, result.report) == ("refused", None)
    assert result.items[-1].said.startswith("not graded on the images")


def test_a_file_over_the_limit_is_a_fault(resnet_export: Path) -> None:
    """By the spec's own number."""
    spec = make_colours("accuracy >= 0.9", max_model_mb=1)

    assert "size" in faults(check_export(CheckRequest(model=resnet_export, spec=spec)))


def test_a_file_that_is_no_export_is_a_fault(tmp_path: Path) -> None:
    """Nothing else can be looked at."""
    path = tmp_path / "model.pkl"
    path.write_bytes(b"some words")

    result = check_export(CheckRequest(model=path, spec=ABOVE_90))

    assert result.outcome == "refused"
    assert [item.name for item in result.items] == ["reading"]


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    """The path is at fault, not the export."""
    with pytest.raises(BadInputError, match="can't be read"):
        check_export(CheckRequest(model=tmp_path / "no.pkl", spec=ABOVE_90))


def test_a_bad_folder_is_told_before_the_export_is_opened(tmp_path: Path) -> None:
    """As a grading does."""
    with pytest.raises(BadInputError, match="test folder can't be read"):
        check_export(CheckRequest(model=tmp_path / "no.pkl", spec=ABOVE_90, data=tmp_path / "no"))


def test_names_that_look_alike_are_told(tmp_path: Path) -> None:
    """The export is one that fastai made from such folders."""
    model = export_colour_model(tmp_path / "model.pkl", vocab="blue green r\u0435d")

    result = check_export(CheckRequest(model=model, spec=ABOVE_90))

    (fault,) = result.with_status("fault")
    assert "U+0435 CYRILLIC SMALL LETTER IE" in fault.said


@pytest.mark.filterwarnings("ignore:load_learner")
def test_a_network_of_another_width_is_told_with_both_numbers(
    sound_model: Path, tmp_path: Path
) -> None:
    """The fault is added to what was found before it."""
    with pytest.warns(UserWarning, match="load_learner"):
        learner = load_learner(sound_model)
    learner.model[2] = torch.nn.Linear(3, 5)
    model = export(learner, tmp_path / "wide.pkl")

    result = check_export(CheckRequest(model=model, spec=ABOVE_90))

    (fault,) = result.with_status("fault")
    assert fault.said.startswith("the network gives 5 outputs")
    assert "classes" in {item.name for item in result.with_status("ok")}


def test_an_export_is_parsed_once_and_rebuilt_once(
    sound_model: Path, colour_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For its names, for the images drawn here and for the grade on given ones."""
    calls: Counter[str] = Counter()

    def count(name: str) -> None:
        module, _, function = name.rpartition(".")
        original = getattr(import_module(module), function)

        def counted(*arguments: Any) -> Any:
            calls[function] += 1
            return original(*arguments)

        monkeypatch.setattr(name, counted)

    count("grader.loading.inspecting.read_inert")
    count("grader.loading.classifiers.rebuild_model")
    result = check_export(CheckRequest(model=sound_model, spec=ABOVE_90, data=colour_folder))
    assert result.report is not None
    assert calls == {"read_inert": 1, "rebuild_model": 1}

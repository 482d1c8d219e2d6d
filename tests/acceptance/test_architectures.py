"""The command that tries every architecture, on three of them and small images."""

from pathlib import Path

import pytest

from acceptance.architectures import CASES, Case, try_architecture
from tests.pipeline.drawing import draw_dataset

# fastai names a module of numpy by its older name when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:.*numpy.core:DeprecationWarning")


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "resnet10t"])
def test_a_network_is_trained_exported_and_graded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the same loss in both programs, with the normalisation of its weights."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    dataset = draw_dataset(tmp_path / "dataset")
    case = Case(name=name, side_px=64)
    outcome = try_architecture(case, dataset, tmp_path / "out", recipe="best")
    assert outcome.problems == ()
    assert outcome.n_parameters is not None
    assert outcome.n_parameters > 1_000_000


def test_a_network_that_does_not_fit_is_a_problem(tmp_path: Path) -> None:
    """This one wants larger images; the reason is told."""
    dataset = draw_dataset(tmp_path / "dataset")
    case = Case(name="inception_v3", side_px=32)
    outcome = try_architecture(case, dataset, tmp_path / "out", recipe="best")
    assert len(outcome.problems) == 1
    assert "can't be used as a body" in outcome.problems[0]


def test_the_documents_architectures_are_all_tried() -> None:
    """Each once, at the size that it was made for."""
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert {
        *("resnet152", "resnext101_64x4d", "resnext101_32x8d", "resnext50_32x4d", "googlenet"),
        *("inception_v3", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "alexnet", "densenet121"),
    } < set(names)
    assert next(case.side_px for case in CASES if case.name == "inception_v3") == 299

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.loading.inspecting import inspect_export
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import Write, reasons
from tests.hostile import NONE, learner, object_of, pickle_of, shell_call, text


@pytest.mark.parametrize(
    ("saved", "reason"),
    [
        ("weights", "weights saved by learn.save()"),
        ("weights alone", "a state dict"),
        ("a list", "a list, not a model"),
    ],
)
def test_what_students_save_instead_is_named(saved: str, reason: str, tmp_path: Path) -> None:
    """The refusal says what it is and to use learn.export()."""
    layer = torch.nn.Linear(2, 2)
    objects: dict[str, Any] = {
        "weights": {"model": layer.state_dict(), "opt": {}},
        "weights alone": layer.state_dict(),
        "a list": [1, 2],
    }
    path = tmp_path / "model.pth"
    torch.save(objects[saved], path)
    (refusal,) = inspect_export(path).refusals
    assert f"it is not a Learner: {reason}" in refusal.what
    assert "learn.export()" in refusal.advice


@pytest.mark.parametrize(
    ("target", "reason"),
    [("MultiCategorize", "multi-label"), ("RegressionSetup", "numbers"), ("Other", "no classes")],
)
def test_other_tasks_are_refused(target: str, reason: str, write: Write) -> None:
    """Only one label for each image can be graded."""
    assert any(
        reason in found
        for found in reasons(inspect_export(write(learner(text("a"), target=target))))
    )


def test_a_pickle_without_an_archive_is_refused(tmp_path: Path) -> None:
    """It was made by pickle or joblib, so its contents don't matter."""
    path = tmp_path / "export.pkl"
    path.write_bytes(pickle_of(object_of("fastai.learner", "Learner", {})))
    assert reasons(inspect_export(path)) == [
        "it was written by pickle.dump or joblib.dump, not by learn.export()",
        "the learner has no data loaders",
    ]


def test_a_pickle_with_tensors_is_refused_for_the_same_reason(tmp_path: Path) -> None:
    """Whatever it is that can't be read of it: its tensors aren't as torch.save writes them."""
    path = tmp_path / "export.pkl"
    path.write_bytes(pickle.dumps(torch.nn.Linear(2, 2)))
    with pytest.raises(RefusedExportError, match=r"written by pickle\.dump or joblib\.dump"):
        inspect_export(path)


def test_a_subclass_of_a_learner_is_named(write: Write) -> None:
    """What its methods do isn't known, so that it isn't taken for fastai's."""
    parts = dict.fromkeys(("dls", "model", "loss_func"), NONE)
    (refusal,) = inspect_export(write(object_of("__main__", "MyLearner", parts))).refusals
    assert 'a Learner of the class "MyLearner" defined in "__main__"' in refusal.what
    assert "make a Learner of fastai itself" in refusal.advice


def test_a_call_in_the_place_of_the_learner_is_named(write: Write, tmp_path: Path) -> None:
    """A bare payload is not a learner."""
    canary = tmp_path / "canary"
    assert reasons(inspect_export(write(shell_call(canary)))) == [
        "it is not a Learner: a call of os.system"
    ]
    assert not canary.exists()

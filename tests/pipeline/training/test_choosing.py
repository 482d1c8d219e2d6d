"""The second model is never worse on val without a word."""

from pathlib import Path
from typing import Any

import pytest
import torch

from hidden_test_spec.sidecar import Measured
from pipeline.training.choosing import choose_network
from pipeline.training.measuring import measure
from pipeline.training.stages import FIRST_STAGE, Resumption, fine_tune, train_first_stage
from tests.pipeline.drawing import silent
from tests.pipeline.training.learning import Spoiler, changed, small_learner, small_settings

# fastai names a module of numpy by its older name when it loads saved weights.
pytestmark = pytest.mark.filterwarnings("ignore:.*numpy.core:DeprecationWarning")


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """A learner whose weights were saved as the first stage's, and then changed."""
    learner = small_learner(tmp_path, small_settings())
    learner.save(FIRST_STAGE, with_opt=False)
    with torch.no_grad():
        learner.model[1][-1].weight.add_(1.0)
    return learner


def scripted(monkeypatch: pytest.MonkeyPatch, *results: tuple[float, float], n: int) -> None:
    """Let val have these losses and accuracies, one after the other."""
    found = iter(results)

    def measured(_: Any) -> Measured:
        loss, accuracy = next(found)
        return Measured(n_images=n, loss=loss, accuracy=accuracy)

    monkeypatch.setattr("pipeline.training.choosing.measure", measured)


def is_changed(learner: Any) -> bool:
    """Whether the learner still has the changed weights."""
    kept = torch.load(learner.path / "models" / f"{FIRST_STAGE}.pth", weights_only=True)
    name = [one for one in kept if one.endswith("weight")][-1]
    return not torch.equal(kept[name], learner.model.state_dict()[name])


@pytest.mark.parametrize(
    ("tuned", "first", "is_tuned"),
    [
        ((0.4146, 0.750), (0.4099, 0.875), False),  # as it was seen on 96 photos
        ((0.4000, 0.750), (0.4099, 0.875), False),
        ((0.4200, 0.900), (0.4099, 0.875), False),
        ((0.4099, 0.875), (0.4099, 0.875), False),
        ((0.4000, 0.875), (0.4099, 0.875), True),
    ],
)
def test_the_fine_tuned_network_must_be_better_after_the_temperature(
    learner: Any,
    monkeypatch: pytest.MonkeyPatch,
    tuned: tuple[float, float],
    first: tuple[float, float],
    *,
    is_tuned: bool,
) -> None:
    """Its loss lower, its accuracy not lower; one sentence has the numbers and the reason."""
    scripted(monkeypatch, tuned, first, n=200)
    lines: list[str] = []
    choose_network(learner, before=FIRST_STAGE, folds=False, chooses=True, report=lines.append)
    assert is_changed(learner) is is_tuned
    (line,) = lines
    assert ("is the fine-tuned network" in line) is is_tuned
    assert f"loss {tuned[0]:.4f} after {first[0]:.4f}" in line
    assert f"accuracy {tuned[1]:.4f} after {first[1]:.4f}" in line


def test_a_documented_recipe_keeps_a_worse_network_with_a_warning(
    learner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document's result must be repeatable, but nobody should miss what happened."""
    scripted(monkeypatch, (0.5, 0.7), (0.4, 0.8), n=200)
    lines: list[str] = []
    choose_network(learner, before=FIRST_STAGE, folds=False, chooses=False, report=lines.append)
    assert is_changed(learner)
    assert lines[0].startswith("Warning: the second model is no better than the first on val")


@pytest.mark.parametrize(("n", "is_warned"), [(8, True), (49, True), (50, False)])
def test_a_val_part_that_is_too_small_to_choose_by_is_warned_of(
    learner: Any, monkeypatch: pytest.MonkeyPatch, n: int, *, is_warned: bool
) -> None:
    """With eight images, one is an eighth of accuracy."""
    scripted(monkeypatch, (0.4, 0.8), (0.5, 0.7), n=n)
    lines: list[str] = []
    choose_network(learner, before=FIRST_STAGE, folds=False, chooses=True, report=lines.append)
    assert (len(lines) == 2) is is_warned
    assert is_warned is ("mostly chance" in lines[-1])


def test_a_whole_run_ends_no_worse_than_its_first_stage(tmp_path: Path) -> None:
    """With fine-tuning spoiled, and with the temperature of the recipe best."""
    settings = small_settings(changed("best", "fine_tuning", averaging=None), n_fine_tune_epochs=1)
    learner = small_learner(tmp_path, settings)
    first = train_first_stage(learner, settings, silent)
    before = measure(learner)
    learner.add_cb(Spoiler())
    lines: list[str] = []
    fine_tune(learner, settings, lines.append, Resumption(earlier=first))
    after = measure(learner)
    assert after.loss <= before.loss
    assert after.accuracy == before.accuracy
    assert any("is the network of the first stage" in line for line in lines)

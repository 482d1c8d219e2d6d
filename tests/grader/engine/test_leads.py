"""Networks that look at their batch-mates at a scale where no probability shows it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from grader.engine.answers import run_all
from grader.engine.leads import ROUNDING_OF_FLOAT32, changed_leads
from grader.errors import ModelRefusedError
from tests.grader.engine.test_regrading import run_of, run_twice
from tests.grader.networks import Colours, images_of


class Scaled(Colours):
    """Honest answers at any scale and level, where one class may be hopeless."""

    def __init__(self, scale: float, *, level: float = 0.0, hopeless: float = 0.0) -> None:
        """Keep what is done to the answers."""
        super().__init__()
        self.scale, self.level, self.hopeless = scale, level, hopeless

    def compared(self, rows: torch.Tensor) -> torch.Tensor:
        """What the answers are taken from: each image alone."""
        return rows

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """One row for each image."""
        rows = self.level + self.scale * self.compared(super().forward(batch))
        return rows + torch.tensor([0.0, 0.0, self.hopeless], dtype=rows.dtype)


class LessTheBatch(Scaled):
    """Takes the mean of the batch from each answer, as a batch norm of no weight does."""

    def compared(self, rows: torch.Tensor) -> torch.Tensor:
        """The answers without what the batch has in common."""
        norm = torch.nn.BatchNorm2d(3, eps=1e12, track_running_stats=False, dtype=rows.dtype)
        with torch.no_grad():
            assert norm.weight is not None
            norm.weight.fill_(1e6)
        places = rows[:, :, None, None].expand(-1, -1, 1, 2)
        normed: torch.Tensor = norm.eval()(places)
        return normed[..., 0, 0]


class HalfTheBatch(Scaled):
    """Mixes a tenth of its neighbour's answer in."""

    def compared(self, rows: torch.Tensor) -> torch.Tensor:
        """The answers with a share of the next one's."""
        return rows + 0.1 * rows.roll(1, 0)


SCALES = [{"scale": 1e-5}, {"scale": 1e-5, "hopeless": -1e5}, {"scale": 3e-5, "level": 10.0}]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("cheat", [LessTheBatch, HalfTheBatch])
def test_a_cheat_at_a_small_scale_is_refused(
    colour_folder: Path, cheat: type[Scaled], scale: dict[str, float]
) -> None:
    """No probability moves by more than 0.0001, and the leads do."""
    with pytest.raises(ModelRefusedError, match="how much the best class leads"):
        run_twice(cheat(**scale), images_of(colour_folder))


@pytest.mark.parametrize("scale", SCALES)
def test_an_honest_network_may_have_any_scale(colour_folder: Path, scale: dict[str, float]) -> None:
    """The same answers without the batch are graded."""
    network = Scaled(**scale)
    assert run_twice(network, images_of(colour_folder)).moved == ()


def test_the_cheat_would_pay(colour_folder: Path) -> None:
    """What is refused isn't harmless: the batch changes which class is best."""
    images = images_of(colour_folder)
    best = [
        run_all(run_of(network), images, lambda _n: None).logits.argmax(axis=1)
        for network in (Scaled(1e-5), LessTheBatch(1e-5))
    ]
    assert (best[0] != best[1]).any()


def test_rounding_is_no_change_of_a_lead() -> None:
    """Classes that tie but for the last digits of float32 may change places."""
    before = np.array([[1.0, 1.0 + 1e-7, -5.0]])
    assert changed_leads(before, before[:, [1, 0, 2]], rounding=ROUNDING_OF_FLOAT32) == ()


def test_a_class_far_behind_may_move() -> None:
    """A change that is small beside its distance can't help it."""
    before = np.array([[3.0, 1.0, -500.0]])
    after = np.array([[3.0, 1.0, -501.0]])
    assert changed_leads(before, after, rounding=ROUNDING_OF_FLOAT32) == ()


def test_a_lead_that_shrinks_is_a_change_at_any_scale() -> None:
    """Two rows, of which the second moves by two hundredths of its lead."""
    before = np.array([[3.0, 1.0], [3e-20, 1e-20]])
    after = np.array([[3.0, 1.0], [3e-20, 1.04e-20]])
    assert changed_leads(before, after, rounding=ROUNDING_OF_FLOAT32) == (1,)

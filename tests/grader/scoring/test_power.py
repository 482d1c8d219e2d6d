"""What a number of images can show is what going through every count shows."""

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from grader.scoring.paired import mcnemar_p
from grader.scoring.power import chance_to_tell, images_to_tell, least_flips


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 8])
def test_the_least_flips_are_those_of_mcnemars_p(alpha: float) -> None:
    """The first count that is told, for each number of flips; more than all where none is."""
    found = least_flips(np.arange(40), alpha=alpha).tolist()
    for n_flips, least in enumerate(found):
        told = [
            n for n in range(n_flips + 1) if 2 * n > n_flips and mcnemar_p(n_flips - n, n) < alpha
        ]
        assert least == (told[0] if told else n_flips + 1)


@pytest.mark.parametrize(("p_up", "p_down"), [(0.3, 0.0), (0.3, 0.1), (0.2, 0.2)])
def test_the_chance_to_tell_is_the_sum_over_every_count(p_up: float, p_down: float) -> None:
    """Of all ways in which 20 images can flip, those whose improvements are told."""
    expected = sum(
        multinomial.pmf([up, down, 20 - up - down], 20, [p_up, p_down, 1 - p_up - p_down])
        for up in range(21)
        for down in range(21 - up)
        if up > down and mcnemar_p(down, up) < 0.05
    )
    found = chance_to_tell(20, p_up=p_up, p_down=p_down, alpha=0.05)
    assert found == pytest.approx(float(expected))


def test_images_that_never_flip_tell_nothing() -> None:
    """There is no chance, however many there are."""
    assert chance_to_tell(1000, p_up=0.0, p_down=0.0, alpha=0.05) == 0


def test_the_images_to_tell_a_change_are_the_ones_worked_by_hand() -> None:
    """Five flips do, and of 66 images at 10 % five or more flip 8 times in 10; of 65 they don't."""
    assert images_to_tell(0.1, alpha=0.05, power=0.8) == 66
    assert binom.sf(4, 66, 0.1) >= 0.8 > binom.sf(4, 65, 0.1)


def test_a_change_beside_other_flips_takes_more_images() -> None:
    """And so does a smaller one; one of a thousandth more than 20,000."""
    alone = images_to_tell(0.1, alpha=0.05, power=0.8) or 0
    beside = images_to_tell(0.1, p_down=0.1, alpha=0.05, power=0.8) or 0
    smaller = images_to_tell(0.05, alpha=0.05, power=0.8) or 0
    assert 0 < alone < smaller < beside
    assert images_to_tell(0.001, p_down=0.1, alpha=0.05, power=0.8) is None

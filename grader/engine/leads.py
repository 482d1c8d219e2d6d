"""Whether a class's lead over the others changed, measured by the lead itself.

A network may give all its outputs a scale at which no probability changes by much, whatever happens
to its answers. A lead that changes by a hundredth of itself is a change at any scale.
"""

import numpy as np
from numpy.typing import NDArray

_SHARE_OF_LEAD = 0.01
# How far rounding moves an output at most, as a share of it: little more than a float32 can show,
# since what moves further is only looked at again, in float64; there, 50,000 times its precision.
ROUNDING_OF_FLOAT32 = 5e-7
ROUNDING_OF_FLOAT64 = 1e-11


def changed_leads(
    before: NDArray[np.float64], after: NDArray[np.float64], *, rounding: float
) -> tuple[int, ...]:
    """The rows in which the best class's lead over another changed by more than rounding.

    Outputs that are far behind don't count: their lead is large, and so is what may change.

    Args:
        before: Logits, shape (n_rows, n_outputs), finite.
        after: The same images' in other batches.
        rounding: One of the two shares above.
    """
    best = before.argmax(axis=1)[:, None]
    tops = np.take_along_axis(before, best, axis=1)
    leads = tops - before
    changes = np.abs(leads - (np.take_along_axis(after, best, axis=1) - after))
    largest = np.maximum(np.abs(tops), np.abs(before))
    is_changed = (changes > _SHARE_OF_LEAD * leads) & (changes > rounding * largest)
    return tuple(np.flatnonzero(is_changed.any(axis=1)).tolist())

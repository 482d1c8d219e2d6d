"""What the review page answers to a decision that can't be carried out."""

from collections.abc import Sequence

from hidden_test_spec.errors import list_faults
from pipeline.errors import BadInputError


class DecisionError(BadInputError):
    """Decisions can't be carried out; says what is wrong with each."""

    def __init__(self, faults: Sequence[str], *, where: str, advice: str) -> None:
        """Build the message from everything that is wrong."""
        super().__init__(
            what=f"Nothing was changed, since not all of it can be:{list_faults(faults)}",
            where=where,
            advice=advice,
        )

"""The error that the review page shows for a decision that can't be carried out."""

from collections.abc import Sequence

from hidden_test_spec.errors import list_faults
from pipeline.errors import BadInputError


class DecisionError(BadInputError):
    """Some decisions can't be carried out; the message says what is wrong with each."""

    def __init__(self, faults: Sequence[str], *, where: str, advice: str) -> None:
        """Build the message from everything that is wrong."""
        super().__init__(
            what=f"Nothing was changed, since some of it can't be done:{list_faults(faults)}",
            where=where,
            advice=advice,
        )

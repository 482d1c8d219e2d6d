"""What to grade, and on what."""

from dataclasses import dataclass
from pathlib import Path

from hidden_test_spec.rules import CORRUPTIONS, Corruption
from hidden_test_spec.spec import Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRequest:
    """What to grade.

    Attributes:
        model: The candidate's export.
        data: The test folder, DIR/<label>/<image>.
        baseline: The first stage's export.
        spec: The contract; without it, classes are the vocab's and there is no grade.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        batch_size: Images at a time on a GPU; None takes what suits the device and the images'
            size, as a CPU always does.
        n_explained: Of how many images to find out where the models looked; None takes those that a
            page shows, for no longer than the grading takes.
        is_robustness_measured: Whether to ask the models about worse photos too. Those that a rule
            asks about are tried in any case.
    """

    model: Path
    data: Path
    baseline: Path | None = None
    spec: Spec | None = None
    device: str = "auto"
    batch_size: int | None = None
    n_explained: int | None = 0
    is_robustness_measured: bool = False

    @property
    def corruptions(self) -> tuple[Corruption, ...]:
        """What to do to photos before the models are asked again, in one order."""
        criteria = () if self.spec is None else self.spec.rubric.criteria
        asked = {criterion.parsed_rule.corruption for criterion in criteria}
        return tuple(one for one in CORRUPTIONS if self.is_robustness_measured or one in asked)

"""What hypothesis draws: names of every kind, and answers of two models."""

from dataclasses import dataclass

from hypothesis import strategies as st

from grader.results.comparisons import Comparison
from grader.results.scores import Statistics
from grader.scoring.comparison import Pairing, ScoredModel, compare
from tests.factories import as_targets, make_records, make_scored

# Everything that UTF-8 can write, control and formatting characters included.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
# A law has no use for many, and there are many examples.
FEW_RESAMPLES = Statistics(n_resamples=10)
VOCABS = st.lists(NAMES, min_size=2, max_size=4, unique=True).map(tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """True classes of some images, two models' answers, and how many images can't be read."""

    labels: tuple[str, ...]
    targets: tuple[int, ...]
    baseline: tuple[int, ...]
    candidate: tuple[int, ...]
    n_unreadable: int

    @property
    def n_images(self) -> int:
        """Scored and unreadable images together."""
        return len(self.targets) + self.n_unreadable

    def scored(self, predicted: tuple[int, ...]) -> ScoredModel:
        """A model that gave these answers, with its scores."""
        return make_scored(
            predicted,
            self.targets,
            labels=self.labels,
            n_images=self.n_images,
            statistics=FEW_RESAMPLES,
        )

    def comparison(self, before: tuple[int, ...], after: tuple[int, ...]) -> Comparison:
        """Two of the models against each other."""
        pairing = Pairing(
            images=make_records(self.targets, labels=self.labels),
            targets=as_targets(self.targets),
            n_images=self.n_images,
            statistics=FEW_RESAMPLES,
        )
        return compare(self.scored(before), self.scored(after), pairing)


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    """Up to thirty images in two to five classes, some of which may have no images."""
    labels = tuple("abcde"[: draw(st.integers(2, 5))])
    rows = st.tuples(*[st.integers(0, len(labels) - 1)] * 3)
    targets, baseline, candidate = zip(*draw(st.lists(rows, min_size=1, max_size=30)), strict=True)
    return Answers(
        labels=labels,
        targets=targets,
        baseline=baseline,
        candidate=candidate,
        n_unreadable=draw(st.integers(0, 3)),
    )

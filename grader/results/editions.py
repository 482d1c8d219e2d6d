"""The student's edition of a report: what helps learning, and nothing of the hidden set.

It holds no path, no file name, no hash and no answer about an individual image. Every number about
a class, and every line of a reliability table, rests on at least `Statistics.min_class_images`
images, and so does anything that can be worked out by subtracting what is shown from the total.

Means and areas are rounded to `coarse_numbers.N_DECIMALS`, since every further digit could carry a
message about the hidden set.

What it can't hide: whether a criterion about every class is met, since that is the grade, and the
sum of the withheld classes' recalls, which the mean over all classes gives away.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PureWindowsPath

from grader.errors import BadInputError
from grader.results.coarse_numbers import coarse_comparison, coarse_scores, coarse_verdict
from grader.results.comparisons import ClassChange, Comparison
from grader.results.models import ModelInfo
from grader.results.presentation import Audience
from grader.results.report import GradeReport, Notice, Verdict
from grader.results.scores import ClassScore, ConfusionMatrix, ModelScores, ReliabilityBin

# The first counts the images of a record that are in the test set, so the record's writer could
# probe for each. The second reveals how few images a class has.
_NOT_TOLD = {"seen_in_training", "single_images"}


def edition(report: GradeReport, audience: Audience) -> GradeReport:
    """The report as this audience may see it.

    Raises:
        BadInputError: If an instructor's edition is requested of a student's, or the whole test set
            has fewer images than a number may rest on.
    """
    if report.audience == audience:
        return report
    if audience == "instructor":
        raise BadInputError(
            what="This report is a student's edition, which lacks what only instructors see",
            where="--audience instructor",
            advice="pass the instructor's report.json, or use --audience student",
        )
    return _student_edition(report)


def _student_edition(report: GradeReport) -> GradeReport:
    n_least = report.statistics.min_class_images
    n_scored = report.scores.metrics.n_scored
    if n_scored < n_least:
        raise BadInputError(
            what=f"A student's edition needs at least {n_least} images, and {n_scored} were scored",
            where=report.test_set.path or "test set",
            advice="grade on more images, or lower reporting.min_class_images in the spec",
        )
    withheld = withheld_labels(report.scores.per_class, n_least=n_least)
    notices = [replace(one, images=()) for one in report.notices if one.code not in _NOT_TOLD]
    if withheld:
        notices.append(
            Notice(code="withheld_classes", n=len(withheld), of=n_least, labels=withheld)
        )
    comparison = report.comparison
    return replace(
        report,
        audience="student",
        model=_without_folder(report.model),
        test_set=replace(report.test_set, path=None),
        scores=coarse_scores(_scores(report.scores, withheld, n_least=n_least)),
        comparison=None
        if comparison is None
        else coarse_comparison(_comparison(comparison, withheld, n_least=n_least)),
        verdicts=tuple(coarse_verdict(_verdict(verdict, withheld)) for verdict in report.verdicts),
        notices=tuple(notices),
        evidence=None,
    )


def withheld_labels(scores: Sequence[ClassScore], *, n_least: int) -> tuple[str, ...]:
    """Classes whose numbers rest on too few images, in the order of the scores.

    Classes without images have nothing to withhold.
    """
    withheld = _withheld([score.support or 0 for score in scores], n_least=n_least)
    return tuple(score.label for number, score in enumerate(scores) if number in withheld)


def _withheld(sizes: Sequence[int], *, n_least: int) -> set[int]:
    """Positions of the groups that are too small, except empty ones.

    If these still have too few images together, the smallest of the others join them, since the
    total minus what is shown would reveal them.
    """
    withheld: set[int] = set()
    n_withheld = 0
    for number, size in sorted(enumerate(sizes), key=lambda group: group[1]):
        if size >= n_least and (not withheld or n_withheld >= n_least):
            break
        if size:
            withheld.add(number)
            n_withheld += size
    return withheld


def _without_folder(model: ModelInfo) -> ModelInfo:
    return replace(model, path=PureWindowsPath(Path(model.path).name).name)


def _scores(scores: ModelScores, withheld: Sequence[str], *, n_least: int) -> ModelScores:
    matrix = scores.confusion_matrix
    return replace(
        scores,
        per_class=tuple(
            _nothing_of(score.label) if score.label in withheld else score
            for score in scores.per_class
        ),
        confusion_matrix=ConfusionMatrix(
            vocab=matrix.vocab,
            counts=tuple(
                None if label in withheld else row
                for label, row in zip(matrix.vocab, matrix.counts, strict=True)
            ),
        ),
        most_confused=tuple(pair for pair in scores.most_confused if pair.label not in withheld),
        reliability=_reliability(scores.reliability, n_least=n_least),
        undefined=tuple(one for one in scores.undefined if one.label not in withheld),
    )


def _reliability(bins: Sequence[ReliabilityBin], *, n_least: int) -> tuple[ReliabilityBin, ...]:
    """The count of every bin, and the numbers of those that don't reveal an individual image."""
    withheld = _withheld([one.n_images for one in bins], n_least=n_least)
    return tuple(
        replace(one, confidence=None, accuracy=None, accuracy_interval=None)
        if number in withheld
        else one
        for number, one in enumerate(bins)
    )


def _nothing_of(label: str) -> ClassScore:
    return ClassScore(
        label=label,
        support=None,
        recall=None,
        recall_interval=None,
        precision=None,
        precision_interval=None,
        f1=None,
        f1_interval=None,
        auc=None,
        auc_interval=None,
        mean_loss=None,
        one_vs_rest=None,
    )


def _comparison(comparison: Comparison, withheld: Sequence[str], *, n_least: int) -> Comparison:
    return replace(
        comparison,
        baseline=_without_folder(comparison.baseline),
        baseline_scores=_scores(comparison.baseline_scores, withheld, n_least=n_least),
        per_class=tuple(
            _no_change_of(change.label) if change.label in withheld else change
            for change in comparison.per_class
        ),
        changes=None,
    )


def _no_change_of(label: str) -> ClassChange:
    return ClassChange(
        label=label,
        support=None,
        baseline_recall=None,
        candidate_recall=None,
        n_regressions=None,
        n_improvements=None,
        p_value=None,
        p_holm=None,
        direction="undecided",
        n_flips_to_tell=None,
        kind_to_tell=None,
        n_images_to_tell=None,
        change_to_tell=None,
    )


def _verdict(verdict: Verdict, withheld: Sequence[str]) -> Verdict:
    """The verdict without its value if a withheld class decided; whether it is met stays."""
    if verdict.label not in withheld:
        return verdict
    return replace(verdict, found=None, estimate=None, label=None)

"""A student's edition shows what helps learning, and nothing of the hidden set."""

from dataclasses import replace

import pytest

from grader.errors import BadInputError
from grader.results.coarse_numbers import coarse_scores
from grader.results.editions import edition, withheld_labels
from grader.results.report import GradeReport, ImageRecord, Notice
from grader.results.scores import ClassScore, Interval, ReliabilityBin
from tests.factories import make_model, make_report, make_rubric

LABELS = ("robin", "wren", "owl")
TORN = ImageRecord(name="robin/torn.png", label="robin", sha256="f" * 64, unreadable="cut short")
REPORT = make_report(
    labels=LABELS,
    targets=(0,) * 6 + (1,) * 7 + (2,) * 2,
    candidate=(0,) * 5 + (1,) * 8 + (2, 1),
    baseline=(0,) * 6 + (1, 0, 1, 1, 1, 1, 1) + (1, 1),
    rubric=make_rubric("accuracy >= 0.5", "recall >= 0.9 in every class"),
    unreadable=(TORN,),
    other_files=("notes.txt",),
    notices=(
        Notice(code="other_files", n=1, images=("notes.txt",)),
        Notice(code="seen_in_training", n=1, of=15, model="candidate.pkl", images=("wren/9.png",)),
    ),
)


def supports(*sizes: int) -> list[ClassScore]:
    """Classes a, b, c ... with these numbers of images."""
    report = make_report(labels=tuple("abcdefgh"[: len(sizes)]), targets=(0,), candidate=(0,))
    scores = report.scores.per_class
    return [replace(score, support=size) for score, size in zip(scores, sizes, strict=True)]


@pytest.mark.parametrize(
    ("sizes", "withheld"),
    [
        ((5, 6, 7), ""),
        ((5, 0, 7), ""),
        ((5, 4, 7), "ab"),
        ((9, 4, 7), "bc"),
        ((4, 1, 9), "ab"),
        ((3, 1, 9, 8), "abd"),
        ((3, 0, 3, 9), "ac"),
        ((1, 1, 1), "abc"),
    ],
)
def test_classes_that_rest_on_too_few_images_are_withheld(
    sizes: tuple[int, ...], withheld: str
) -> None:
    """With the smallest others, until those withheld have five images together."""
    assert withheld_labels(supports(*sizes), n_least=5) == tuple(withheld)


def test_nothing_of_single_images_is_left() -> None:
    """No evidence, no path, no flips, no names in notices."""
    student = edition(REPORT, "student")
    assert student.comparison is not None
    left = (student.evidence, student.test_set.path, student.comparison.changes)
    assert left == (None, None, None)
    assert [notice.images for notice in student.notices] == [(), ()]
    text = repr(student)
    for word in ("png", "notes", "'photos'", "ff" * 32, f"{3:064x}", "cut short", "models/"):
        assert word in repr(REPORT)
        assert word not in text


def test_numbers_of_a_withheld_class_are_none_in_both_models() -> None:
    """Its scores, its row of both matrices, its confused pairs, its change."""
    student = edition(REPORT, "student")
    assert student.comparison is not None
    for scores in (student.scores, student.comparison.baseline_scores):
        robin, wren, owl = scores.per_class
        assert (robin.support, owl.support, owl.recall, owl.one_vs_rest) == (None,) * 4
        assert (wren.support, scores.confusion_matrix.counts[0]) == (7, None)
        assert scores.confusion_matrix.counts[1] is not None
        assert {pair.label for pair in scores.most_confused} <= {"wren"}
        assert {one.label for one in scores.undefined} <= {"wren"}
    changes = student.comparison.per_class
    assert [change.n_regressions for change in changes] == [None, 0, None]


def test_numbers_of_the_whole_stay() -> None:
    """Metrics, grade, tests and the classes that are large enough."""
    student = edition(REPORT, "student")
    assert student.comparison is not None
    assert REPORT.comparison is not None
    coarse = coarse_scores(REPORT.scores)
    assert student.scores.metrics == coarse.metrics
    assert student.grade == REPORT.grade
    assert student.comparison.mcnemar == REPORT.comparison.mcnemar
    assert student.scores.per_class[1] == coarse.per_class[1]
    assert student.audience == "student"


def test_a_notice_names_the_withheld_classes() -> None:
    """And says how many images a class needs."""
    notice = edition(REPORT, "student").notices[-1]
    assert notice == Notice(code="withheld_classes", n=2, of=5, labels=("robin", "owl"))


def test_what_a_record_shares_with_the_test_set_is_not_told() -> None:
    """A student writes that record, and could probe for one image at a time."""
    codes = [notice.code for notice in edition(REPORT, "student").notices]
    assert codes == ["other_files", "withheld_classes"]


def test_a_verdict_that_a_withheld_class_decided_keeps_only_its_outcome() -> None:
    """The overall one keeps its value."""
    first, second = edition(REPORT, "student").verdicts
    assert first == REPORT.verdicts[0]
    assert REPORT.verdicts[1].label == "owl"
    assert (second.passed, second.found, second.estimate, second.label) == (False, None, None, None)


def bins(*sizes: int) -> tuple[ReliabilityBin, ...]:
    """Bins with these numbers of images, all of them right."""
    return tuple(
        ReliabilityBin(
            low=number / len(sizes),
            high=(number + 1) / len(sizes),
            n_images=size,
            confidence=0.5 if size else None,
            accuracy=1.0 if size else None,
            accuracy_interval=Interval(0.5, 1.0) if size else None,
        )
        for number, size in enumerate(sizes)
    )


@pytest.mark.parametrize(
    ("sizes", "withheld"),
    [((9, 6), []), ((14, 1), [0, 1]), ((8, 1, 6), [1, 2]), ((2, 3, 10), [0, 1]), ((0, 15), [])],
)
def test_a_bin_of_few_images_tells_of_none_of_them(
    sizes: tuple[int, ...], withheld: list[int]
) -> None:
    """Its mean probability would be the image's own. Its count stays."""
    scores = replace(REPORT.scores, reliability=bins(*sizes))
    found = edition(replace(REPORT, scores=scores), "student").scores.reliability
    assert tuple(one.n_images for one in found) == sizes
    hidden = [k for k, one in enumerate(found) if one.n_images and one.confidence is None]
    assert hidden == withheld
    assert not [k for k in hidden if found[k].accuracy or found[k].accuracy_interval]


@pytest.mark.parametrize("path", ["/srv/secret/candidate.pkl", "C:\\secret\\candidate.pkl"])
def test_a_model_is_known_by_its_file_name(path: str) -> None:
    """For the paths of both kinds of systems."""
    report = replace(REPORT, model=replace(make_model(vocab=LABELS), path=path))
    assert edition(report, "student").model.path == "candidate.pkl"


def test_an_edition_of_an_edition_is_the_same() -> None:
    """For both audiences."""
    student = edition(REPORT, "student")
    assert edition(student, "student") is student
    assert edition(REPORT, "instructor") is REPORT


def test_a_students_edition_can_not_be_undone() -> None:
    """What it leaves out isn't in it."""
    with pytest.raises(BadInputError, match="is a student's edition") as caught:
        edition(edition(REPORT, "student"), "instructor")
    assert "instructor's report.json" in caught.value.advice


def small(n_images: int) -> GradeReport:
    """A report on this number of images of one class."""
    return make_report(targets=(0,) * n_images, candidate=(0,) * n_images)


def test_a_test_set_too_small_for_any_number_has_no_students_edition() -> None:
    """Four images are too few; five are enough."""
    with pytest.raises(BadInputError, match="needs at least 5 images, and 4 were scored"):
        edition(small(4), "student")
    assert edition(small(5), "student").scores.metrics.n_correct == 5

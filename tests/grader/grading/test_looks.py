"""Which images are explained first, and when none is."""

from grader.grading.looks import with_explanations, worth_a_look
from tests.factories import make_report


def test_each_kind_of_image_has_its_turn() -> None:
    """A regression, an improvement, a sure mistake, and again; each image once."""
    report = make_report(
        targets=(0, 0, 0, 0, 1, 1),
        baseline=(0, 0, 1, 1, 1, 0),
        candidate=(1, 1, 0, 0, 1, 0),
    )
    assert report.evidence is not None
    assert list(worth_a_look(report, report.evidence)) == [
        "robin/0.png",
        "robin/2.png",
        "robin/1.png",
        "robin/3.png",
        "wren/5.png",
    ]


def test_without_a_baseline_mistakes_are_looked_at() -> None:
    """Nothing else has a reason."""
    report = make_report(targets=(0, 1), candidate=(0, 0))
    assert report.evidence is not None
    assert list(worth_a_look(report, report.evidence)) == ["wren/1.png"]


def test_nothing_is_explained_unasked() -> None:
    """The report is the same."""
    report = make_report()
    assert with_explanations(report, (), (), n_images=0) is report

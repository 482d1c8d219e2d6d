"""What is odd about a grading is said in sentences, and nothing is said of what is usual."""

from dataclasses import replace
from pathlib import Path

from grader.grade_warnings import grade_warnings
from grader.results import TestSet
from grader.scoring.comparison import ScoredModel
from hidden_test_spec.spec import Limits, Spec
from tests.factories import (
    LABELS,
    draw_image,
    make_images,
    make_rubric,
    make_scored,
    make_spec,
)

TEST_SET = TestSet(
    root=Path("photos"),
    labels=LABELS,
    images=make_images((0, 1), labels=LABELS),
    other_files=(),
)


def model(name: str = "candidate.pkl", *, n_ties: int = 0) -> ScoredModel:
    """A model that named two images, with so many ties."""
    scored = make_scored((0, 1), (0, 1), name=name)
    metrics = replace(scored.scores.metrics, n_ties=n_ties)
    return replace(scored, scores=replace(scored.scores, metrics=metrics))


def comparing_spec() -> Spec:
    """A spec whose rubric asks about the first stage."""
    rubric = make_rubric("accuracy_change >= 0 against the first stage")
    return make_spec().model_copy(update={"rubric": rubric})


def test_a_usual_grading_has_no_warnings() -> None:
    """With a spec and without one."""
    assert grade_warnings(TEST_SET, [model()], spec=None) == ()
    assert grade_warnings(TEST_SET, [model()], spec=make_spec()) == ()


def test_classes_without_images_are_named() -> None:
    """Their recall is undefined."""
    robins = replace(TEST_SET, images=TEST_SET.images[:1])
    (said,) = grade_warnings(robins, [model()], spec=None)
    assert said == 'Classes without images, so without a recall: "wren".'


def test_other_files_are_counted_and_named() -> None:
    """They are not graded."""
    folder = replace(TEST_SET, other_files=("notes.txt", "robin/list.csv"))
    (said,) = grade_warnings(folder, [model()], spec=None)
    assert said.startswith("2 other files are no images in a class folder: ")
    assert '"notes.txt", "robin/list.csv"' in said


def test_small_images_are_counted_and_named_where_the_spec_sets_a_limit(tmp_path: Path) -> None:
    """An image of 8 pixels is below 9."""
    path = draw_image(tmp_path / "small.png", side_px=8)
    folder = replace(TEST_SET, images=(replace(TEST_SET.images[0], path=path), TEST_SET.images[1]))
    (said,) = grade_warnings(folder, [model()], spec=make_spec(limits=Limits(min_side_px=9)))
    assert said == '1 images have a side below 9 px: "robin/0.png".'
    assert grade_warnings(folder, [model()], spec=make_spec(limits=Limits(min_side_px=8))) == ()


def test_a_rubric_that_compares_needs_a_baseline() -> None:
    """With one, nothing is said."""
    said = "The rubric asks about the first stage, and no baseline was given."
    assert grade_warnings(TEST_SET, [model()], spec=comparing_spec()) == (said,)
    both = [model(), model("baseline.pkl")]
    assert grade_warnings(TEST_SET, both, spec=comparing_spec()) == ()


def test_a_class_that_the_vocab_names_twice_is_a_warning() -> None:
    """The model's three outputs stand for two classes."""
    scored = model()
    doubled = replace(scored, info=replace(scored.info, vocab=("robin", "wren", "Robin")))
    (said,) = grade_warnings(TEST_SET, [doubled], spec=None)
    assert "names 1 classes more than once; their probabilities were summed" in said


def test_ties_are_counted_for_each_model_by_name() -> None:
    """Only the baseline has any."""
    (said,) = grade_warnings(TEST_SET, [model(), model("baseline.pkl", n_ties=2)], spec=None)
    assert said == (
        'On 2 of 2 images "models/baseline.pkl" gives several classes the same highest '
        "probability; which one counts was drawn from the image's hash."
    )

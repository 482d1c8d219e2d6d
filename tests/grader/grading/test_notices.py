"""Oddities of a grading are noticed, and nothing is said about what is usual."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.grading.notices import folder_notices, image_notices, model_notices, rubric_notices
from grader.results.answers import ImageHeader, TestSet
from grader.results.report import Notice, NoticeCode
from grader.results.scores import Unreadable
from grader.scoring.comparison import ScoredModel
from hidden_test_spec.images import sha256_of
from hidden_test_spec.sidecar import TrainingImage, write_sidecar
from hidden_test_spec.spec import Limits, Spec
from tests.factories import (
    LABELS,
    make_images,
    make_records,
    make_rubric,
    make_scored,
    make_sidecar,
    make_spec,
)

UPRIGHT = ImageHeader(shorter_side_px=8, is_rotated=False)
TEST_SET = TestSet(
    root=Path("photos"),
    labels=LABELS,
    images=tuple(
        replace(image, header=header)
        for image, header in zip(make_images((0, 1), labels=LABELS), (UPRIGHT, None), strict=True)
    ),
    other_files=(),
)
RECORDS = make_records((0, 1), labels=LABELS)


def model(*, n_ties: int = 0) -> ScoredModel:
    """A model that named two images, with so many ties."""
    scored = make_scored((0, 1), (0, 1))
    metrics = replace(scored.scores.metrics, n_ties=n_ties)
    return replace(scored, scores=replace(scored.scores, metrics=metrics))


def about_folder(test_set: TestSet = TEST_SET, *, spec: Spec | None = None) -> list[Notice]:
    """The notices about a folder."""
    return list(folder_notices(test_set, spec=spec))


def test_a_usual_grading_has_no_notices() -> None:
    """With a spec and without one."""
    assert about_folder() == about_folder(spec=make_spec()) == []
    assert list(rubric_notices(make_spec(), n_models=1)) == []
    assert list(model_notices(model(), RECORDS)) == []


def test_classes_without_images_are_named() -> None:
    """Their recall is undefined."""
    robins = replace(TEST_SET, images=TEST_SET.images[:1])
    notices = about_folder(robins)
    assert notices == [Notice(code="classes_without_images", n=1, labels=("wren",))]


def test_other_files_are_counted_and_named() -> None:
    """They are not graded."""
    names = ("notes.txt", "robin/list.csv")
    notices = about_folder(replace(TEST_SET, other_files=names))
    assert notices == [Notice(code="other_files", n=2, images=names)]


def test_small_images_are_counted_and_named_where_the_spec_sets_a_limit() -> None:
    """An image of 8 pixels is below 9, and one that can't be opened is not measured."""
    notices = about_folder(spec=make_spec(limits=Limits(min_side_px=9)))
    assert notices == [Notice(code="small_images", n=1, of=9, images=("robin/0.png",))]
    assert about_folder(spec=make_spec(limits=Limits(min_side_px=8))) == []


def test_images_that_exif_would_turn_are_counted() -> None:
    """They are graded as they stand in the file."""
    turned = ImageHeader(shorter_side_px=8, is_rotated=True)
    images = (TEST_SET.images[0], replace(TEST_SET.images[1], header=turned))
    notices = about_folder(replace(TEST_SET, images=images))
    assert notices == [Notice(code="rotated_images", n=1, of=2, images=("wren/1.png",))]


def test_copies_are_counted_and_named() -> None:
    """Three images of one photo are two copies; the one in another class can't be right too."""
    first, second = RECORDS
    copies = (
        first,
        replace(first, name="robin/7.png", same_photo_as=first.name),
        replace(second, same_photo_as=first.name),
    )
    notice, across, *_ = image_notices(copies, unreadable="left_out")
    assert notice == Notice(code="copies", n=2, of=3, images=("robin/7.png", "wren/1.png"))
    assert across == Notice(code="copies_across_classes", n=1, of=3, images=("wren/1.png",))


def test_classes_with_a_single_image_are_named() -> None:
    """An unreadable image doesn't count; two of a class are enough to say nothing."""
    records = make_records((0, 0, 1), labels=LABELS)
    assert list(image_notices(records, unreadable="left_out")) == [
        Notice(code="single_images", n=1, labels=("wren",))
    ]
    torn = (replace(records[0], unreadable="torn"), *records[1:])
    *_, notice = image_notices(torn, unreadable="left_out")
    assert notice.labels == ("robin", "wren")


@pytest.mark.parametrize(
    ("unreadable", "code"), [("left_out", "unreadable_left_out"), ("wrong", "unreadable_wrong")]
)
def test_images_that_can_not_be_read_are_counted_and_named(
    unreadable: Unreadable, code: NoticeCode
) -> None:
    """With what becomes of them."""
    torn = (replace(RECORDS[0], unreadable="torn"), RECORDS[1])
    notice, *_ = image_notices(torn, unreadable=unreadable)
    assert notice == Notice(code=code, n=1, of=2, images=("robin/0.png",))


def test_a_rubric_that_compares_needs_a_baseline() -> None:
    """With one, nothing is said."""
    rubric = make_rubric("accuracy_change >= 0 against the first stage")
    spec = make_spec().model_copy(update={"rubric": rubric})
    assert list(rubric_notices(spec, n_models=1)) == [Notice(code="no_baseline")]
    assert list(rubric_notices(spec, n_models=2)) == []


def test_a_class_that_the_vocab_names_twice_is_noticed() -> None:
    """The model's three outputs stand for two classes."""
    scored = model()
    doubled = replace(scored, info=replace(scored.info, vocab=("robin", "wren", "Robin")))
    notices = list(model_notices(doubled, RECORDS))
    assert notices == [Notice(code="repeated_classes", n=1, model="candidate.pkl")]


def test_ties_are_counted() -> None:
    """With the model's file name, not its folder."""
    notices = list(model_notices(model(n_ties=2), RECORDS))
    assert notices == [Notice(code="ties", n=2, of=2, model="candidate.pkl")]


def test_test_images_that_the_record_knows_from_training_are_named(tmp_path: Path) -> None:
    """Those of the record's own test part were not trained on."""
    export = tmp_path / "model.pkl"
    export.write_bytes(b"an export")
    seen = TrainingImage(part="val", sha256=RECORDS[0].sha256, phash=None)
    kept = TrainingImage(part="test", sha256=RECORDS[1].sha256, phash=None)
    write_sidecar(
        make_sidecar(export=export.name, sha256=sha256_of(export), images=(seen, kept)), export
    )
    scored = model()
    trained = replace(scored, info=replace(scored.info, path=str(export), sha256=sha256_of(export)))
    assert list(model_notices(trained, RECORDS)) == [
        Notice(code="seen_in_training", n=1, of=2, model="model.pkl", images=("robin/0.png",))
    ]

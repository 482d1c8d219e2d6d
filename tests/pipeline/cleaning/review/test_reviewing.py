"""Decisions by number: where the files are afterwards, and what is said of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.reviewing import Outcome, Review, Wish
from pipeline.errors import FileAccessError
from tests.pipeline.cleaning.review.drawn import audit_of, reviewing

KEEP, REMOVE, MOVE = Decision.KEEP, Decision.REMOVE, Decision.MOVE


def wish(photo: int, decision: Decision, label: int | None = None) -> Wish:
    """What is wanted of a photo; blue is class 0, green 1 and red 2."""
    return Wish(photo=photo, decision=decision, label=label)


def stands(outcome: Outcome) -> list[tuple[int, Decision | None, str]]:
    """How it stands with the photos of an outcome."""
    return [(one.photo, one.decision, one.label) for one in outcome.statuses]


def file_of(review: Review, trees: Trees, photo: int) -> str:
    """Where a photo is, from the folder around the images."""
    return review.file_of(photo).relative_to(trees.images.parent).as_posix()


def test_a_photo_is_followed_wherever_it_goes(trees: Trees) -> None:
    """To another class, into the quarantine, and back by undo."""
    with reviewing(trees, audit_of(trees.images)) as review:
        assert stands(review.decide([wish(0, MOVE, 2)])) == [(0, MOVE, "red")]
        assert file_of(review, trees, 0) == "images/red/blue 0.png"
        assert stands(review.decide([wish(0, REMOVE)])) == [(0, REMOVE, "red")]
        assert file_of(review, trees, 0).startswith("images-quarantine/removed/000002/red/")
        assert stands(review.undo()) == [(0, MOVE, "red")]
        assert stands(review.undo()) == [(0, None, "blue")]
        assert file_of(review, trees, 0) == "images/blue/blue 0.png"
        assert stands(review.redo()) == [(0, MOVE, "red")]
        assert review.file_of(0).is_file()


def test_keeping_brings_a_photo_back(trees: Trees) -> None:
    """To the class and the name that it had at first."""
    with reviewing(trees, audit_of(trees.images)) as review:
        review.decide([wish(0, REMOVE)])
        assert stands(review.decide([wish(0, KEEP)])) == [(0, KEEP, "blue")]
        assert file_of(review, trees, 0) == "images/blue/blue 0.png"


def test_many_wishes_are_one_entry(trees: Trees) -> None:
    """One undo reverses them all."""
    with reviewing(trees, audit_of(trees.images)) as review:
        outcome = review.decide([wish(0, KEEP), wish(1, REMOVE), wish(2, MOVE, 1)])
        assert stands(outcome) == [(0, KEEP, "blue"), (1, REMOVE, "blue"), (2, MOVE, "green")]
        assert outcome.n_entries == 1
        assert {one.decision for one in review.undo().statuses} == {None}


def test_undo_and_redo_have_an_end(trees: Trees) -> None:
    """Where there is nothing, nothing is said of any photo, and nothing is written."""
    with reviewing(trees, audit_of(trees.images)) as review:
        for outcome in (review.undo(), review.redo()):
            assert outcome == Outcome(statuses=(), n_entries=0, can_undo=False, can_redo=False)


def test_wishes_that_cannot_be_carried_out_change_nothing(trees: Trees) -> None:
    """Not even those beside them that could be."""
    with reviewing(trees, audit_of(trees.images)) as review:
        review.file_of(1).unlink()
        with pytest.raises(DecisionError, match="no longer there"):
            review.decide([wish(0, REMOVE), wish(1, REMOVE)])
        with pytest.raises(DecisionError, match="no photo 99"):
            review.decide([wish(99, KEEP)])
        assert review.standing().n_entries == 0
        assert file_of(review, trees, 0) == "images/blue/blue 0.png"


def test_a_decision_that_holds_is_shown_even_if_its_file_cannot_be_moved_yet(trees: Trees) -> None:
    """Something may be in the way, which is reported; the next decision finishes the move."""
    with reviewing(trees, audit_of(trees.images)) as review:
        (trees.quarantine / "removed").write_text("in the way")
        with pytest.raises(FileAccessError, match="Not a directory"):
            review.decide([wish(0, REMOVE)])
        assert stands(review.standing()) == [(0, REMOVE, "blue")]
        (trees.quarantine / "removed").unlink()
        review.decide([wish(1, KEEP)])
        assert review.file_of(0).is_file()
        assert "quarantine" in str(review.file_of(0))


def test_a_review_goes_on_where_the_last_one_ended(trees: Trees) -> None:
    """All that was decided still stands, and can be undone."""
    audit = audit_of(trees.images)
    with reviewing(trees, audit) as review:
        review.decide([wish(0, REMOVE)])
        review.decide([wish(5, MOVE, 2)])
    with reviewing(trees, audit) as review:
        found = {review.album.subjects[one.photo].origin: one for one in review.standing().statuses}
        assert found["blue/blue 0.png"].decision is REMOVE
        assert found["green/green 1.png"].label == "red"
        (status,) = review.undo().statuses
        assert review.album.subjects[status.photo].origin == "green/green 1.png"


def test_decisions_from_many_threads_come_one_after_the_other(trees: Trees) -> None:
    """Each has its own entry."""
    with reviewing(trees, audit_of(trees.images)) as review, ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda photo: review.decide([wish(photo, REMOVE)]), range(12)))
        assert sorted(one.n_entries for one in outcomes) == list(range(1, 13))
        assert all(review.file_of(photo).is_file() for photo in range(12))
    assert list(trees.images.glob("*/*")) == []

"""What the server answers to whoever is let in."""

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.notebook import NotebookReview, review
from tests.pipeline.cleaning.review.asking import asker
from tests.pipeline.cleaning.review.drawn import draw_trees
from tests.pipeline.drawing import silent


def test_a_decision_is_answered_with_how_it_stands(running: NotebookReview, trees: Trees) -> None:
    """Undo and redo do the same; the file moves away and back."""
    asked = asker(running)
    photo = trees.images / "blue" / "blue 0.png"
    removed = {"photo": 0, "decision": "remove", "label": "blue"}
    answer = asked.post("decide", {"wishes": [{"photo": 0, "decision": "remove"}]}).json()
    assert answer == {"statuses": [removed], "n_entries": 1, "can_undo": True, "can_redo": False}
    assert not photo.exists()
    answer = asked.post("undo", None).json()
    undecided = {"photo": 0, "decision": None, "label": "blue"}
    assert answer == {"statuses": [undecided], "n_entries": 2, "can_undo": False, "can_redo": True}
    assert photo.exists()
    assert asked.post("redo", None).json()["statuses"] == [removed]
    assert asked.get("photos").json()["outcome"]["statuses"] == [removed]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"wishes": []},
        {"wishes": [{"photo": "x", "decision": "remove"}]},
        {"wishes": [{"photo": 0, "decision": "delete"}]},
        {"wishes": [{"photo": 0, "decision": "keep", "path": "../x"}]},
    ],
)
def test_what_is_no_decision_is_refused(running: NotebookReview, document: object) -> None:
    """The answer says why, and the journal gets no entry."""
    asked = asker(running)
    answer = asked.post("decide", document)
    assert answer.status == 400
    assert answer.json() == {"error": "this is not a decision; reload the page"}
    assert asked.get("photos").json()["outcome"]["n_entries"] == 0


@pytest.mark.parametrize("wish", [{"photo": 12}, {"photo": -1}, {"photo": 0, "label": 3}])
def test_unknown_numbers_are_refused(running: NotebookReview, wish: dict[str, int]) -> None:
    """This holds for photos and for classes."""
    answer = asker(running).post("decide", {"wishes": [{"decision": "move", "label": 0, **wish}]})
    assert answer.status == 409
    assert "reload the page" in answer.json()["error"]


def test_a_huge_request_is_not_read(running: NotebookReview) -> None:
    """Beyond a million bytes, or of a length that isn't told."""
    asked = asker(running)
    assert asked.post("decide", {"wishes": "x" * 1_000_000}).status == 403
    assert asked.post("decide", {}, content_length="-1").status in (400, 403)


@pytest.mark.parametrize(
    "path",
    ["assets/app.py", "assets/../app.py", "assets/..%2Fapp.py", "small/12", "large/-1", "small/x"],
)
def test_nothing_else_is_given_out(running: NotebookReview, path: str) -> None:
    """No file but those of the page, and no photo that isn't there."""
    assert asker(running).get(path).status == 404


def test_pictures_are_drawn_again_and_never_the_file_itself(
    running: NotebookReview, trees: Trees
) -> None:
    """As JPEGs of a limited size; what can't be read is a drawing that says so."""
    asked = asker(running)
    for path in ("small/0", "large/0"):
        answer = asked.get(path)
        assert answer.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.body)).size == (40, 40)
    (trees.images / "blue" / "blue 1.png").write_text("<script>alert(1)</script>")
    answer = asked.get("large/1")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert b"script" not in answer.body


def test_the_application_writes_no_key_where_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastHTML would keep one for sessions, which there are none of."""
    trees = draw_trees(tmp_path)
    monkeypatch.chdir(trees.images)
    before = sorted(trees.images.iterdir())
    running = review(trees.images, report=silent)
    assert asker(running).get().status == 200
    running.stop()
    assert sorted(trees.images.iterdir()) == before

"""Who is let in: the page itself, and nobody that doesn't know its address."""

import pytest

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.guarding import local_access
from pipeline.cleaning.review.notebook import NotebookReview
from pipeline.folders import JOURNAL_NAME
from tests.pipeline.cleaning.review.asking import asker

REMOVE = {"wishes": [{"photo": 0, "decision": "remove"}]}


def n_entries(trees: Trees) -> int:
    """How many decisions the journal holds."""
    return len((trees.quarantine / JOURNAL_NAME).read_text().splitlines()) - 1


def test_the_page_is_let_in_by_both_names_of_this_machine(running: NotebookReview) -> None:
    """127.0.0.1 and localhost, with the port."""
    asked = asker(running)
    port = asked.host.partition(":")[2]
    assert asked.get().status == 200
    assert asked.get(host=f"localhost:{port}").status == 200
    assert asked.get(origin=asked.origin).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1.evil.example:1", ""])
def test_another_host_is_refused(running: NotebookReview, host: str) -> None:
    """A name of a foreign site that was made to mean this machine."""
    answer = asker(running).get(host=host)
    assert answer.status == 403
    assert b"host" in answer.body


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://"]
)
def test_another_origin_is_refused(running: NotebookReview, trees: Trees, origin: str) -> None:
    """It can neither read nor decide, even if it knows the token."""
    asked = asker(running)
    assert asked.get("photos", origin=origin).status == 403
    assert asked.post("decide", REMOVE, origin=origin).status == 403
    assert n_entries(trees) == 0


def test_a_decision_must_say_where_it_comes_from(running: NotebookReview, trees: Trees) -> None:
    """Without an origin, or from another site's frame or form, nothing is decided."""
    asked = asker(running)
    path = f"/{asked.token}/decide"
    assert asked.ask("POST", path, headers={}, body=b"{}").status == 403
    assert asked.post("decide", REMOVE, sec_fetch_site="cross-site").status == 403
    assert n_entries(trees) == 0
    assert asked.post("decide", REMOVE, sec_fetch_site="same-origin").status == 200
    assert n_entries(trees) == 1


@pytest.mark.parametrize("prefix", ["/", "/x", "/{token}x/", "/{token}", "//{token}/"])
def test_an_address_without_its_token_is_refused(running: NotebookReview, prefix: str) -> None:
    """The page, the photos and their pictures alike."""
    asked = asker(running)
    for rest in ("", "photos", "small/0", "assets/review.js"):
        path = prefix.replace("{token}", asked.token) + rest
        answer = asked.ask("GET", path, headers={})
        assert answer.status == 403, path
        assert asked.token.encode() not in answer.body


def test_two_reviews_never_have_one_token() -> None:
    """It is long and drawn at random."""
    first, second = local_access(1), local_access(1)
    assert first.token != second.token
    assert len(first.token) >= 32


def test_every_answer_carries_the_policy(running: NotebookReview) -> None:
    """It may use only its own scripts, styles, pictures and requests; no types are guessed."""
    asked = asker(running)
    for answer in (asked.get(), asked.get("photos"), asked.get("nothing"), asked.get(host="x")):
        policy = answer.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "form-action 'none'"} <= set(policy)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers

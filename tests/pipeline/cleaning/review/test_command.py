"""The command pipeline clean where it opens a page: its options, its words and its end."""

import os

import pytest
from typer.testing import CliRunner, Result

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.serving import listening, port_of
from pipeline.cli.app import app
from pipeline.folders import JOURNAL_NAME
from tests.browser.reviewing import served
from tests.pipeline.cleaning.review.asking import Asker


def clean(trees: Trees, *options: str) -> Result:
    """Run the command in this process; it must end by itself."""
    return CliRunner().invoke(app, ["clean", str(trees.images), "--no-browser", *options])


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C can't be sent to one process there")
def test_the_address_is_shown_and_the_end_says_where_the_decisions_are(trees: Trees) -> None:
    """The address alone is on stdout, with its token; Ctrl-C ends with 0."""
    with listening(0) as listener:
        port = port_of(listener)
    with served(trees, "--port", str(port)) as running:
        asked = Asker(running.address)
        assert asked.origin == f"http://127.0.0.1:{port}"
        assert asked.get().status == 200
        assert asked.post("decide", {"wishes": [{"photo": 0, "decision": "keep"}]}).status == 200
        said = running.interrupt()
        assert running.process.returncode == 0
    assert str(trees.quarantine / JOURNAL_NAME) in said
    assert f"pipeline restore {trees.images}" in said
    assert asked.token not in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_ends_the_command(trees: Trees) -> None:
    """It ends before it looks at any photo."""
    with listening(0) as listener:
        result = clean(trees, "--port", str(port_of(listener)))
    assert result.exit_code == 6
    assert "leave out --port" in result.stderr


def test_trying_out_is_for_cleaning_without_a_page(trees: Trees) -> None:
    """The page removes nothing that isn't asked for."""
    result = clean(trees, "--dry-run")
    assert result.exit_code == 2
    assert "only be used with --auto" in result.stderr


def test_two_reviews_of_one_folder_are_refused(trees: Trees) -> None:
    """The second says that the first is at work."""
    with served(trees):
        result = clean(trees)
    assert result.exit_code == 6
    assert "is using the quarantine" in result.stderr

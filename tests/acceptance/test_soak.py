"""The command behind `nox -s soak`."""

import pytest
import typer
from typer.testing import CliRunner

from acceptance.soak import Round, main


@pytest.mark.parametrize(("n_requests", "is_good"), [(54, True), (62, True), (63, False)])
def test_only_what_was_on_its_way_may_be_asked_for_again(n_requests: int, *, is_good: bool) -> None:
    """Four downloads at a time, two kills: eight at most."""
    done = Round(engine="openverse", n_kills=2, n_requests=n_requests, n_addresses=54)
    assert done.is_good is is_good


def test_a_round_ends_with_a_line_about_it() -> None:
    """One scrape, killed until it is done."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    result = CliRunner().invoke(app, ["--rounds", "1"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("round 1: openverse, ")
    assert result.stdout.endswith(" of them again: good\n")

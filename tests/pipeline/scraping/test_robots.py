"""What robots.txt allows."""

from collections.abc import Callable

import pytest

from pipeline.scraping.addresses import Target
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.robots import RobotsCache

TARGET = Target(
    scheme="https", host="a.example", port=443, netloc="a.example", path="/x", addresses=()
)


def answering(status: int, text: str) -> Callable[[str], tuple[int, bytes]]:
    """A host whose robots.txt is this."""
    return lambda _: (status, text.encode())


def test_an_address_may_be_allowed_or_not() -> None:
    """A group for our own name goes before the one for everybody."""
    text = "User-agent: *\nDisallow: /\n\nUser-agent: classifier-grader\nDisallow: /private/\n"
    rules = RobotsCache(answering(200, text)).rules(TARGET)
    assert rules.check("https://a.example/x.jpg") == 0.0
    with pytest.raises(RefusedError, match=r"robots\.txt forbids it"):
        rules.check("https://a.example/private/x.jpg")


def test_a_host_may_ask_for_a_pause_between_requests() -> None:
    """In seconds; one of more than a minute is taken for a no."""
    asked = RobotsCache(answering(200, "User-agent: *\nCrawl-delay: 5")).rules(TARGET)
    assert asked.check("https://a.example/x.jpg") == 5.0
    slow = RobotsCache(answering(200, "User-agent: *\nCrawl-delay: 600")).rules(TARGET)
    with pytest.raises(RefusedError, match="it asks for 600 s between requests"):
        slow.check("https://a.example/x.jpg")


def test_without_a_file_everything_is_allowed() -> None:
    """RFC 9309 says so about answers from 400 to 499."""
    rules = RobotsCache(answering(404, "User-agent: *\nDisallow: /")).rules(TARGET)
    assert rules.check("https://a.example/x.jpg") == 0.0


def test_a_file_that_can_not_be_read_forbids_everything_for_now() -> None:
    """As RFC 9309 says; the photos may be tried again later."""

    def failing(_: str) -> tuple[int, bytes]:
        raise RefusedError(Reason.BUSY, "HTTP 503", is_temporary=True)

    cache = RobotsCache(failing)
    for _ in range(2):
        with pytest.raises(RefusedError, match="HTTP 503") as refused:
            cache.rules(TARGET)
        assert (refused.value.reason, refused.value.is_temporary) == (Reason.ROBOTS, True)


def test_each_host_is_asked_once() -> None:
    """And its answer holds for the whole scrape."""
    asked: list[str] = []

    def remembering(url: str) -> tuple[int, bytes]:
        asked.append(url)
        return 404, b""

    cache = RobotsCache(remembering)
    cache.rules(TARGET)
    cache.rules(TARGET)
    assert asked == ["https://a.example/robots.txt"]

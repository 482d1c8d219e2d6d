"""Fetching as a guest, from our web and on a clock that never waits."""

from datetime import UTC, datetime

import pytest

from pipeline.scraping.connecting import Connector, Response
from pipeline.scraping.fetching import Etiquette, Fetcher, retry_after
from pipeline.scraping.pacing import Pacer
from pipeline.scraping.refusals import Reason, RefusedError
from tests.pipeline.scraping.factories import FakeTime, make_fetcher
from tests.pipeline.scraping.web.photos import photo
from tests.pipeline.scraping.web.server import Web

MAX_BYTES = 100_000


def fetch(web: Web, time: FakeTime, path: str) -> bytes:
    """The photo behind a path of our web."""
    return make_fetcher(web, time).photo(f"{web.host}{path}", max_bytes=MAX_BYTES)


def test_a_photo_comes_with_redirects_followed(web: Web, time: FakeTime) -> None:
    """A relative address is joined to the address that redirected."""
    fetch(web, time, "/odd/moved.jpg")
    assert web.requests["/photo/moved/1.jpg"] == 1


def test_requests_say_who_sends_them(web: Web, time: FakeTime) -> None:
    """They include the contact if there is one."""
    fetch(web, time, "/odd/same.jpg")
    etiquette = Etiquette(allowed_host=web.allowed, contact="ana@school.example")
    pacer = Pacer(interval_s=0, clock=time.clock)
    fetcher = Fetcher(Connector(timeout_s=5), pacer, time.clock, etiquette)
    fetcher.photo(f"{web.host}/odd/same.jpg", max_bytes=MAX_BYTES)
    without, with_contact = sorted(web.agents, key=len)
    assert without.startswith("classifier-grader/")
    assert "; ana@school.example)" in with_contact


@pytest.mark.parametrize("name", ["inside.jpg", "metadata.jpg", "other-port.jpg"])
def test_a_redirect_into_a_private_network_is_refused(web: Web, time: FakeTime, name: str) -> None:
    """The host that is allowed can't open the door to another one, or to its own other ports."""
    with pytest.raises(RefusedError, match=r"private network|neither 80 nor 443"):
        fetch(web, time, f"/odd/{name}")
    assert web.requests["/photo/x"] == 0


def test_nothing_private_is_asked_unless_it_is_allowed(web: Web, time: FakeTime) -> None:
    """By default, no private host is allowed."""
    pacer = Pacer(interval_s=0, clock=time.clock)
    etiquette = Etiquette(allowed_host=None, contact=None)
    fetcher = Fetcher(Connector(timeout_s=5), pacer, time.clock, etiquette)
    with pytest.raises(RefusedError, match="neither 80 nor 443"):
        fetcher.photo(f"{web.host}/odd/same.jpg", max_bytes=MAX_BYTES)
    with pytest.raises(RefusedError, match="private network"):
        fetcher.photo("http://127.0.0.1/odd/same.jpg", max_bytes=MAX_BYTES)
    assert web.requests.total() == 0


@pytest.mark.parametrize("location", ["http://[bad/x", "//[", "http://a\u2100b.example/x"])
def test_a_redirect_to_what_is_no_address_is_refused(
    web: Web, time: FakeTime, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    """As one bad photo, and not as the end of the scrape."""
    answer = Response(status=302, headers={"location": location}, body=b"")
    monkeypatch.setattr(Connector, "get", lambda *_, **__: answer)
    with pytest.raises(RefusedError, match="address can't be used") as refused:
        make_fetcher(web, time).answer(f"{web.host}/x", max_bytes=MAX_BYTES)
    assert not refused.value.is_temporary


def test_redirects_have_an_end(web: Web, time: FakeTime) -> None:
    """Five are followed."""
    with pytest.raises(RefusedError, match="too many redirects"):
        fetch(web, time, "/odd/loop.jpg")
    assert web.requests["/odd/loop.jpg"] == 6


def test_what_robots_txt_forbids_is_not_asked_for(web: Web, time: FakeTime) -> None:
    """One look at robots.txt, none at the photo."""
    with pytest.raises(RefusedError, match=r"robots\.txt forbids it"):
        fetch(web, time, "/odd/forbidden.jpg")
    assert dict(web.requests) == {"/robots.txt": 1}


def test_an_interface_for_programs_is_asked_without_robots_txt(web: Web, time: FakeTime) -> None:
    """It was made for programs."""
    url = f"{web.host}/v1/images/?q=heron&page=1&page_size=20"
    assert make_fetcher(web, time).answer(url, max_bytes=MAX_BYTES).startswith(b"{")
    assert dict(web.requests) == {"/v1/images/": 1}


def test_a_busy_server_is_asked_again_when_it_says(web: Web, time: FakeTime) -> None:
    """Retry-After is waited for, and the photo comes."""
    assert fetch(web, time, "/odd/busy-once.jpg") == photo(2)
    assert web.requests["/odd/busy-once.jpg"] == 2
    assert 30.0 in time.waits


def test_a_server_that_asks_for_hours_is_left_alone(web: Web, time: FakeTime) -> None:
    """Neither this photo nor another of its photos is asked for again in this run."""
    fetcher = make_fetcher(web, time)
    with pytest.raises(RefusedError, match="asks to wait for 2 h") as refused:
        fetcher.photo(f"{web.host}/odd/busy.jpg", max_bytes=MAX_BYTES)
    assert refused.value.is_temporary
    with pytest.raises(RefusedError, match="asks to wait for"):
        fetcher.photo(f"{web.host}/odd/same.jpg", max_bytes=MAX_BYTES)
    assert (web.requests["/odd/busy.jpg"], web.requests["/odd/same.jpg"]) == (1, 0)
    assert max(time.waits, default=0) <= 1


def test_what_breaks_off_is_tried_three_times_with_growing_pauses(web: Web, time: FakeTime) -> None:
    """Then it counts as out of reach for now."""
    with pytest.raises(RefusedError, match="can't be reached") as refused:
        fetch(web, time, "/odd/cut.jpg")
    assert refused.value.is_temporary
    assert web.requests["/odd/cut.jpg"] == 3
    # The waits of the pace are a second or less.
    first, second = (wait for wait in time.waits if wait > 1)
    assert 1 < first <= 1.5
    assert 2 <= second <= 2.5


def test_what_is_gone_is_asked_for_once(web: Web, time: FakeTime) -> None:
    """Another try would not bring it back."""
    with pytest.raises(RefusedError, match="HTTP 404") as refused:
        fetch(web, time, "/odd/gone.jpg")
    assert (refused.value.reason, refused.value.is_temporary) == (Reason.HTTP, False)
    assert web.requests["/odd/gone.jpg"] == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60.0),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.0),
        ("soon", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    """What is neither counts as nothing said; a date that is past as now."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert retry_after(value, now=now) == seconds

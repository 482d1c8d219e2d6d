"""The pace at which hosts are asked."""

import threading
import time as real_time

import pytest

from pipeline.scraping.pacing import Pacer, asked_interval, spoken, system_clock
from pipeline.scraping.refusals import RefusedError
from tests.pipeline.scraping.factories import FakeTime


def test_requests_to_one_host_keep_their_distance(time: FakeTime) -> None:
    """The first goes at once, each other one an interval later."""
    pacer = Pacer(interval_s=2.0, clock=time.clock)
    for _ in range(3):
        pacer.wait("a.example")
    assert time.waits == [2.0, 2.0]


def test_hosts_do_not_wait_for_each_other(time: FakeTime) -> None:
    """Each host has its own pace."""
    pacer = Pacer(interval_s=2.0, clock=time.clock)
    for host in ("a.example", "b.example", "c.example"):
        pacer.wait(host)
    assert time.waits == []


def test_a_host_may_ask_for_a_longer_distance(time: FakeTime) -> None:
    """As its robots.txt does with Crawl-delay; a shorter one changes nothing."""
    pacer = Pacer(interval_s=2.0, clock=time.clock)
    pacer.wait("a.example", interval_s=7.0)
    pacer.wait("a.example", interval_s=0.1)
    pacer.wait("a.example")
    assert time.waits == [7.0, 2.0]


def test_a_host_that_asked_for_patience_is_left_alone_that_long(time: FakeTime) -> None:
    """Other hosts are still asked."""
    pacer = Pacer(interval_s=2.0, clock=time.clock)
    pacer.hold("a.example", 50)
    pacer.wait("b.example")
    pacer.wait("a.example")
    assert time.waits == [50.0]


def test_a_host_that_asks_for_too_much_patience_is_not_asked(time: FakeTime) -> None:
    """Its photos are left for another run."""
    pacer = Pacer(interval_s=2.0, clock=time.clock)
    pacer.hold("a.example", 7200)
    with pytest.raises(RefusedError, match="asks to wait for 2 h") as refused:
        pacer.wait("a.example")
    assert refused.value.is_temporary
    assert time.waits == []


def test_waiting_ends_when_everything_is_stopped() -> None:
    """Ctrl-C doesn't wait for a slow host's turn."""
    stop = threading.Event()
    stop.set()
    start = real_time.monotonic()
    system_clock(stop).sleep(60)
    assert real_time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("headers", "interval_s"),
    [
        ({}, 0.0),
        ({"x-ratelimit-limit-anon_burst": "20/min"}, 3.0),
        ({"x-ratelimit-limit-a": "20/min", "x-ratelimit-limit-b": "200/day"}, 3.0),
        ({"x-ratelimit-limit": "4/s"}, 0.25),
        ({"x-ratelimit-limit": "0/min"}, 60.0),
        ({"x-ratelimit-limit": "5000"}, 0.0),
        ({"x-ratelimit-available-anon_burst": "3"}, 0.0),
    ],
)
def test_the_pace_follows_the_limit_that_a_server_names(
    headers: dict[str, str], interval_s: float
) -> None:
    """That of a minute or a second; what is used up in a day, the server says itself."""
    assert asked_interval(headers) == interval_s


def test_a_wait_is_told_once_with_its_end(time: FakeTime) -> None:
    """Several downloads may meet the same answer; a wait below a second is not worth a line."""
    lines: list[str] = []
    pacer = Pacer(interval_s=1.0, clock=time.clock, report=lines.append)
    pacer.hold("a.example", 30)
    pacer.hold("a.example", 30)
    pacer.hold("b.example", 0.5)
    (line,) = lines
    assert line.startswith("a.example asks to wait for 30 s: going on at ")


def test_a_wait_is_said_as_people_say_it() -> None:
    """Nobody counts in fifty thousand seconds."""
    assert [spoken(seconds) for seconds in (90, 121, 7200, 50_000)] == [
        "90 s",
        "3 min",
        "2 h",
        "13 h 54 min",
    ]

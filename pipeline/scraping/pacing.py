"""How often a host is asked: at an interval, or less often if the host says so."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.progress import Report
from pipeline.scraping.refusals import Reason, RefusedError

MAX_HOLD_S = 120.0
_LIMIT = re.compile(r"(\d{1,9})\s*/\s*(s|m)[a-z]*", re.IGNORECASE)
_PERIODS_S = {"s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What tells the time and waits."""

    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def system_clock(stop: threading.Event) -> Clock:
    """The real time; waiting ends early once `stop` is set."""

    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    return Clock(monotonic=time.monotonic, now=lambda: datetime.now(UTC), sleep=sleep)


class Pacer:
    """Lets requests to one host through one after the other; hosts don't wait for each other."""

    def __init__(self, *, interval_s: float, clock: Clock, report: Report | None = None) -> None:
        """Set the shortest interval, and who hears of a wait that a host asks for."""
        self._interval_s = interval_s
        self._clock = clock
        self._report = report
        self._paces: dict[str, float] = {}
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}

    def wait(self, host: str, *, interval_s: float = 0.0) -> None:
        """Wait for the host's next turn; `interval_s` lengthens the pause after this one.

        Raises:
            RefusedError: If the host asked for a longer wait than `MAX_HOLD_S`.
        """
        with self._lock:
            now = self._clock.monotonic()
            left_s = self._held.get(host, now) - now
            if left_s > MAX_HOLD_S:
                detail = f"{host} asks to wait for {spoken(left_s)}"
                raise RefusedError(Reason.BUSY, detail, is_temporary=True, retry_after_s=left_s)
            turn = max(now + max(left_s, 0.0), self._next.get(host, now))
            pace_s = max(self._interval_s, self._paces.get(host, 0.0), interval_s)
            self._next[host] = turn + pace_s
        if turn > now:
            self._clock.sleep(turn - now)

    def pace(self, host: str, interval_s: float) -> None:
        """Leave at least that much between requests to the host from now on."""
        with self._lock:
            self._paces[host] = interval_s

    def hold(self, host: str, seconds: float) -> None:
        """Let no request to the host through for some time, and say when it will be over."""
        with self._lock:
            until = self._clock.monotonic() + seconds
            before = self._held.get(host, 0.0)
            self._held[host] = max(until, before)
        # Several requests may meet the same answer; it is told once.
        if self._report is not None and until > before + 1 and 1 <= seconds <= MAX_HOLD_S:
            end = (self._clock.now() + timedelta(seconds=seconds)).astimezone()
            self._report(f"{host} asks to wait for {spoken(seconds)}: going on at {end:%H:%M:%S}")


def asked_interval(headers: Mapping[str, str]) -> float:
    """Seconds between requests that keep within a server's own limit; 0 where it names none.

    Openverse names each limit in a header such as `X-RateLimit-Limit-anon_burst: 20/min`. Limits of
    an hour or a day don't set the pace: when they are used up, the server says so.
    """
    named = (value for name, value in headers.items() if name.startswith("x-ratelimit-limit"))
    limits = [found for value in named if (found := _LIMIT.fullmatch(value.strip()))]
    return max((_interval(found) for found in limits), default=0.0)


def spoken(seconds: float) -> str:
    """A wait as people say it: seconds up to two minutes, then hours and minutes.

    Example:
        >>> spoken(45), spoken(7200), spoken(50_000)
        ('45 s', '2 h', '13 h 54 min')
    """
    if seconds <= MAX_HOLD_S:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(-(-seconds // 60), 60)
    parts = [f"{hours:.0f} h"] * bool(hours) + [f"{minutes:.0f} min"] * bool(minutes)
    return " ".join(parts)


def _interval(limit: re.Match[str]) -> float:
    return _PERIODS_S[limit[2].lower()] / max(int(limit[1]), 1)

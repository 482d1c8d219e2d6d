"""How often a host is asked: at an interval, or less often if the host says so."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.scraping.refusals import Reason, RefusedError

MAX_HOLD_S = 120.0


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

    def __init__(self, *, interval_s: float, clock: Clock) -> None:
        self._interval_s = interval_s
        self._clock = clock
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
                detail = f"{host} asks to wait for {left_s:.0f} s"
                raise RefusedError(Reason.BUSY, detail, is_temporary=True, retry_after_s=left_s)
            turn = max(now + max(left_s, 0.0), self._next.get(host, now))
            self._next[host] = turn + max(self._interval_s, interval_s)
        if turn > now:
            self._clock.sleep(turn - now)

    def hold(self, host: str, seconds: float) -> None:
        """Let no request to the host through for some time."""
        with self._lock:
            until = self._clock.monotonic() + seconds
            self._held[host] = max(until, self._held.get(host, until))

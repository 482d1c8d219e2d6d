"""What robots.txt allows: each host is asked once, and its answer applies to all of its photos."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from pipeline.scraping.addresses import Target
from pipeline.scraping.refusals import Reason, RefusedError

_ROBOTS_NAME = "classifier-grader"
_MAX_DELAY_S = 60.0
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """What one host's robots.txt says; None where it has none, and everything is allowed."""

    robots: Protego | None

    def check(self, url: str) -> float:
        """How many seconds the host asks to leave between requests.

        Raises:
            RefusedError: If the address may not be fetched.
        """
        if self.robots is None:
            return 0.0
        if not self.robots.can_fetch(url, _ROBOTS_NAME):
            raise RefusedError(Reason.ROBOTS, "the host's robots.txt disallows this address")
        delay_s = float(self.robots.crawl_delay(_ROBOTS_NAME) or 0.0)
        if delay_s > _MAX_DELAY_S:
            raise RefusedError(Reason.ROBOTS, f"it asks for {delay_s:g} s between requests")
        return delay_s


class RobotsCache:
    """The rules of every host that was asked about; safe to share among threads."""

    def __init__(self, read: Callable[[str], tuple[int, bytes]]) -> None:
        """Take a function that fetches an address, following redirects: its status and body."""
        self._read = read
        self._lock = threading.Lock()
        self._host_locks: dict[str, threading.Lock] = {}
        self._rules: dict[str, RobotsRules | RefusedError] = {}

    def rules(self, target: Target) -> RobotsRules:
        """The rules of a target's host.

        Raises:
            RefusedError: If they can't be read; RFC 9309 then forbids everything for now.
        """
        with self._lock:
            host_lock = self._host_locks.setdefault(target.origin, threading.Lock())
        with host_lock:
            if target.origin not in self._rules:
                self._rules[target.origin] = self._fetch(target.origin)
            known = self._rules[target.origin]
        if isinstance(known, RefusedError):
            raise known
        return known

    def _fetch(self, origin: str) -> RobotsRules | RefusedError:
        try:
            status, body = self._read(f"{origin}/robots.txt")
        except RefusedError as error:
            return RefusedError(
                Reason.ROBOTS, f"robots.txt can't be read ({error.detail})", is_temporary=True
            )
        if status in _CLIENT_ERRORS:
            return RobotsRules(robots=None)
        return RobotsRules(robots=Protego.parse(body.decode("utf-8", "replace")))

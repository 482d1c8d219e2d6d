"""Polite fetching over HTTP: checked addresses, robots.txt, a pace for each host, back-off.

Every redirect is a new address and is checked like the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlencode, urljoin

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random

from pipeline.scraping.addresses import Target, resolve
from pipeline.scraping.connecting import Connector, Response
from pipeline.scraping.pacing import MAX_HOLD_S, Clock, Pacer, asked_interval, spoken
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.robots import RobotsCache

_USER_AGENT = "classifier-grader/0.1 (collects photos for a course on image classifiers{contact})"
MAX_ANSWER_BYTES = 5_000_000
_MAX_ROBOTS_BYTES = 500 * 1024
_MAX_REDIRECTS = 5
_N_ATTEMPTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_FOR_ROBOTS = frozenset(range(400, 500)) - _BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class Etiquette:
    """How a guest behaves.

    Attributes:
        allowed_host: HOST:PORT of the one host that may be in a private network.
        contact: Where the user can be reached, an address or a page; None leaves it out.
    """

    allowed_host: str | None
    contact: str | None

    @property
    def user_agent(self) -> str:
        """How requests identify themselves."""
        contact = f"; {self.contact}" if self.contact else ""
        return _USER_AGENT.format(contact=contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is asked for, and how."""

    url: str
    max_bytes: int
    asks_robots: bool = False
    accepted: frozenset[int] = frozenset({HTTPStatus.OK})
    headers: Mapping[str, str] = field(default_factory=dict)
    form: bytes | None = None


class Fetcher:
    """Fetches photos and the answers of APIs; safe to share among threads."""

    def __init__(
        self, connector: Connector, pacer: Pacer, clock: Clock, etiquette: Etiquette
    ) -> None:
        self._connector = connector
        self._pacer = pacer
        self._clock = clock
        self._etiquette = etiquette
        self._robots = RobotsCache(self._read_robots)

    def photo(self, url: str, *, max_bytes: int) -> bytes:
        """The bytes behind an address that robots.txt allows to fetch.

        Raises:
            RefusedError: If they can't or may not be fetched.
        """
        return self._follow(_Request(url=url, max_bytes=max_bytes, asks_robots=True)).body

    def answer(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """An API's answer; it is made for programs, so robots.txt is not asked.

        Raises:
            RefusedError: If there is no answer.
        """
        return self._follow(_Request(url=url, max_bytes=max_bytes, headers=headers or {})).body

    def answer_to_form(self, url: str, form: Mapping[str, str], *, max_bytes: int) -> bytes:
        """What an API answers to a form.

        Raises:
            RefusedError: If there is no answer.
        """
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        return self._follow(_Request(url=url, max_bytes=max_bytes, headers=kind, form=body)).body

    def _read_robots(self, url: str) -> tuple[int, bytes]:
        accepted = _FOR_ROBOTS | {HTTPStatus.OK}
        found = self._follow(_Request(url=url, max_bytes=_MAX_ROBOTS_BYTES, accepted=accepted))
        return found.status, found.body

    def _follow(self, request: _Request) -> Response:
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._patiently(request)
            location = response.headers.get("location")
            if response.status in _MOVED and location and request.form is None:
                # Another host must not learn what was sent to this one.
                request = replace(request, url=_joined(request.url, location), headers={})
            elif response.status in request.accepted:
                return response
            else:
                raise RefusedError(Reason.HTTP, f"HTTP {response.status}")
        raise RefusedError(Reason.REDIRECTS, f"more than {_MAX_REDIRECTS}")

    def _patiently(self, request: _Request) -> Response:
        """One request, repeated a little later if the server was busy or out of reach."""
        retrying = Retrying(
            stop=stop_after_attempt(_N_ATTEMPTS),
            wait=_wait,
            retry=retry_if_exception(_is_worth_another_try),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(self._once, request)

    def _once(self, request: _Request) -> Response:
        target = resolve(request.url, allowed=self._etiquette.allowed_host)
        delay_s = self._robots.rules(target).check(target.url) if request.asks_robots else 0.0
        self._pacer.wait(target.netloc, interval_s=delay_s)
        headers = {"User-Agent": self._etiquette.user_agent, "Accept": "*/*", **request.headers}
        response = self._connector.get(
            target, headers=headers, max_bytes=request.max_bytes, form=request.form
        )
        self._pacer.pace(target.netloc, asked_interval(response.headers))
        if response.status in _BUSY:
            raise self._busy(target, response)
        return response

    def _busy(self, target: Target, response: Response) -> RefusedError:
        asked_s = retry_after(response.headers.get("retry-after"), now=self._clock.now())
        detail = f"HTTP {response.status}"
        if asked_s is not None:
            self._pacer.hold(target.netloc, asked_s)
            detail += f", and it asks to wait for {spoken(asked_s)}"
        return RefusedError(Reason.BUSY, detail, is_temporary=True, retry_after_s=asked_s)


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as a number or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value).astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (until - now).total_seconds())


def _joined(url: str, location: str) -> str:
    """Where a redirect leads."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise RefusedError(Reason.ADDRESS, "it redirects to one that can't be parsed") from error


def _is_worth_another_try(error: BaseException) -> bool:
    if not isinstance(error, RefusedError) or not error.is_temporary:
        return False
    if error.reason in {Reason.ROBOTS, Reason.TIMEOUT}:
        return False
    return (error.retry_after_s or 0.0) <= MAX_HOLD_S


def _wait(state: RetryCallState) -> float:
    """Seconds before the next attempt: what the server asks for, or longer each time."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked_s = error.retry_after_s if isinstance(error, RefusedError) else None
    if asked_s is not None:
        return asked_s
    return float(2 ** (state.attempt_number - 1) + wait_random(0, 0.5)(state))

"""One request over one connection, to an address that was checked, within time and size limits."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from socket import SHUT_RDWR, socket

import certifi
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as UrllibTimeoutError

from pipeline.scraping.addresses import Target
from pipeline.scraping.refusals import Reason, RefusedError

_CHUNK_BYTES = 2**16
_SHOWN_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered: status, headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connector:
    """Sends requests; `cut` ends all of them at once, from any thread."""

    def __init__(self, *, timeout_s: float, context: ssl.SSLContext | None = None) -> None:
        """Set the limits, and for tests the certificates to trust.

        Args:
            timeout_s: For a whole request, from the connection to the last byte.
            context: By default, the certificates of the system and of certifi are trusted.
        """
        self._timeout_s = timeout_s
        self._context = context or _trusted_context()
        self._lock = threading.Lock()
        self._open: set[socket] = set()
        self._is_cut = False

    def get(
        self,
        target: Target,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        form: bytes | None = None,
    ) -> Response:
        """Ask a server for what it has at a target; with a form, send that to it first.

        Raises:
            RefusedError: If no address answers, it takes too long, or the body is too large.
        """
        connection = self._connect(target)
        # The connection drops its socket if the body ends with it, so it is kept here.
        sock = connection.sock
        late = threading.Event()
        timer = threading.Timer(self._timeout_s, _end, (sock, late))
        timer.daemon = True
        try:
            with self._registered(sock):
                timer.start()
                response = _exchange(connection, target, headers, max_bytes, form)
        except (HTTPError, HTTPException, OSError) as error:
            if self._is_cut:
                raise _stopped() from error
            if late.is_set() or isinstance(error, TimeoutError | UrllibTimeoutError):
                raise self._timeout() from error
            raise _unreachable(target, error) from error
        finally:
            timer.cancel()
            connection.close()
        # A body without a length ends where the connection is shut, and looks complete.
        if late.is_set():
            raise self._timeout()
        if self._is_cut:
            raise _stopped()
        return response

    def cut(self) -> None:
        """End every running request, and refuse later ones."""
        with self._lock:
            self._is_cut = True
            for sock in self._open:
                _shut(sock)

    def _connect(self, target: Target) -> HTTPConnection:
        """A connection to the first of a target's addresses that answers."""
        failure = RefusedError(Reason.UNREACHABLE, "it has no address", is_temporary=True)
        for address in target.addresses:
            connection = self._connection(address, target)
            try:
                connection.connect()
            except NewConnectionError as error:
                failure = _unreachable(target, error)
            except (UrllibTimeoutError, TimeoutError):
                failure = self._timeout()
            except (HTTPError, HTTPException, OSError) as error:
                failure = _unreachable(target, error)
            else:
                return connection
            connection.close()
        raise failure

    def _connection(self, address: str, target: Target) -> HTTPConnection:
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=self._timeout_s)
        return HTTPSConnection(
            address,
            target.port,
            timeout=self._timeout_s,
            server_hostname=target.host,
            ssl_context=self._context,
        )

    def _timeout(self) -> RefusedError:
        detail = f"not done after {self._timeout_s:g} s"
        return RefusedError(Reason.TIMEOUT, detail, is_temporary=True)

    @contextmanager
    def _registered(self, sock: socket) -> Iterator[None]:
        with self._lock:
            if self._is_cut:
                raise _stopped()
            self._open.add(sock)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(sock)


def _exchange(
    connection: HTTPConnection,
    target: Target,
    headers: Mapping[str, str],
    max_bytes: int,
    form: bytes | None,
) -> Response:
    connection.request(
        "GET" if form is None else "POST",
        target.path,
        body=form,
        headers={"Host": target.netloc, "Accept-Encoding": "identity", **headers},
        preload_content=False,
        decode_content=False,
    )
    with closing(connection.getresponse()) as response:
        names = {name.lower(): value for name, value in response.headers.items()}
        return Response(status=response.status, headers=names, body=_body(response, max_bytes))


def _body(response: BaseHTTPResponse, max_bytes: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and _is_above(announced, max_bytes):
        shown = announced[:_SHOWN_DIGITS]
        raise RefusedError(Reason.TOO_LARGE, f"{shown} bytes or more, but {max_bytes} are allowed")
    body = bytearray()
    for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise RefusedError(Reason.TOO_LARGE, f"more than {max_bytes} bytes")
    return bytes(body)


def _is_above(digits: str, limit: int) -> bool:
    """Whether a number is above a limit; Python refuses to read one of thousands of digits."""
    digits = digits.lstrip("0") or "0"
    return len(digits) > len(str(limit)) or int(digits) > limit


def _trusted_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _unreachable(target: Target, error: Exception) -> RefusedError:
    why = getattr(error, "strerror", None) or type(error).__name__
    detail = f"no complete answer from {target.host} ({why})"
    return RefusedError(Reason.UNREACHABLE, detail, is_temporary=True)


def _stopped() -> RefusedError:
    return RefusedError(Reason.UNREACHABLE, "the scrape was stopped", is_temporary=True)


def _end(sock: socket, late: threading.Event) -> None:
    late.set()
    _shut(sock)


def _shut(sock: socket) -> None:
    """End another thread's reading and writing."""
    with suppress(OSError):
        sock.shutdown(SHUT_RDWR)

"""The server: every host of the small web at one port of the loopback."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.pipeline.scraping.web import answers, pages
from tests.pipeline.scraping.web.photos import bomb, photo
from tests.pipeline.scraping.web.world import Item

ROBOTS = b"User-agent: *\nDisallow: /forbidden/\nDisallow: /odd/forbidden.jpg\n"


@dataclass(slots=True)
class Web:
    """A running web and how it behaves; tests may change that while it runs.

    Attributes:
        google: "today", "before", "consent", "captcha", or "answered": a captcha on which a
            person clicks after a moment.
        bing_status: What Bing answers instead of results, where it is not 200.
        openverse_busy: Seconds that Openverse asks to wait, once each, before it has results.
        openverse_headers: What Openverse says about its limits with every answer.
        authorizations: Every Authorization that Openverse was shown.
        requests: How often each path was asked for, without what stands after a question mark.
        agents: Every User-Agent that asked.
        rejected: Whether the consent page was answered with "reject all".
    """

    port: int
    results: Mapping[str, tuple[Item, ...]]
    google: str = "today"
    bing_captcha: bool = False
    bing_status: int = 200
    openverse_busy: list[int] = field(default_factory=list)
    openverse_headers: dict[str, str] = field(default_factory=dict)
    authorizations: set[str | None] = field(default_factory=set)
    rejected: bool = False
    requests: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        """Where photos are, and the interfaces made for programs."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def allowed(self) -> str:
        """The value for --allow-private-host."""
        return f"127.0.0.1:{self.port}"

    @property
    def www(self) -> str:
        """The address of the pages for people."""
        return f"http://www.localhost:{self.port}"

    def n_photo_requests(self) -> dict[str, int]:
        """How often each photo was asked for."""
        with self.lock:
            return {
                path: n for path, n in self.requests.items() if path.startswith(("/photo", "/odd"))
            }


@contextmanager
def serve(results: Mapping[str, tuple[Item, ...]]) -> Iterator[Web]:
    """Run the web until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.web = Web(port=server.server_port, results=results)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.web
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    web: Web

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients hang up on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer by the beginning of the path."""
        web, url = self.server.web, urlsplit(self.path)
        with web.lock:
            web.requests[url.path] += 1
            web.agents.add(self.headers["User-Agent"])
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path.startswith("/odd/"):
            ODD[url.path.removeprefix("/odd/")](self)
            return
        for start, answer in _ROUTES.items():
            if url.path.startswith(start):
                answer(self, asked)
                return
        self.say(404)

    def do_POST(self) -> None:
        """The consent form, and Openverse's exchange of a key for a token."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/v1/auth_tokens/token/":
            is_known = (asked["client_id"], asked["client_secret"]) == ("ana", "secret")
            token = b'{"access_token": "a-token", "expires_in": 43200}'
            self.say(200 if is_known else 401, token if is_known else b"{}", "application/json")
            return
        self.server.web.rejected = asked["set_eom"] == "true"
        self.go(asked["continue"])

    def say(self, status: int, body: bytes = b"", kind: str = "image/jpeg", **headers: str) -> None:
        """Send a complete answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def go(self, address: str) -> None:
        """Redirect."""
        self.say(302, Location=address)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Print nothing."""

    def items(self, asked: Mapping[str, str], name: str = "q") -> tuple[Item, ...]:
        """The results of the query that was asked."""
        return self.server.web.results.get(asked[name].removeprefix("filetype:bitmap "), ())

    def n_asked(self) -> int:
        """How often this path was asked for, this time included."""
        with self.server.web.lock:
            return self.server.web.requests[urlsplit(self.path).path]


def _html(handler: _Handler, text: str) -> None:
    handler.say(200, text.encode(), "text/html; charset=utf-8")


def _photo(handler: _Handler, asked: Mapping[str, str]) -> None:
    del asked
    path = urlsplit(handler.path).path
    handler.say(200, photo(sum(ord(char) * 31**at % 10_007 for at, char in enumerate(path))))


def _google(handler: _Handler, asked: Mapping[str, str]) -> None:
    web = handler.server.web
    if web.google in {"captcha", "answered"} and "answered" not in asked:
        handler.go(f"/sorry/index?continue={_escaped(handler)}")
    elif web.google == "consent" and not web.rejected:
        handler.go(f"http://consent.localhost:{web.port}/m?continue={web.www}{_escaped(handler)}")
    elif web.google == "before":
        _html(handler, pages.google_before(handler.items(asked), web.host))
    else:
        _html(handler, pages.google_today(asked["q"], handler.items(asked), web.host))


def _sorry(handler: _Handler, asked: Mapping[str, str]) -> None:
    is_answered = handler.server.web.google == "answered"
    script = f'<script>setTimeout(() => location = "{asked["continue"]}&answered=1", 900)</script>'
    _html(handler, pages.captcha() + (script if is_answered else ""))


def _escaped(handler: _Handler) -> str:
    return handler.path.replace("&", "%26")


def _more(handler: _Handler, asked: Mapping[str, str]) -> None:
    items = handler.items(asked)
    body = pages.more(items, int(asked["from"]), handler.server.web.host)
    handler.say(200, body, "application/json")


def _bing(handler: _Handler, asked: Mapping[str, str]) -> None:
    web = handler.server.web
    if web.bing_captcha:
        _html(handler, pages.captcha())
        return
    if web.bing_status != HTTPStatus.OK:
        handler.say(web.bing_status, b"<html>Later.</html>", "text/html")
        return
    items, first = handler.items(asked), int(asked["first"])
    _html(handler, pages.bing(asked["q"], items, web.host, first=first))


def _openverse(handler: _Handler, asked: Mapping[str, str]) -> None:
    web = handler.server.web
    web.authorizations.add(handler.headers["Authorization"])
    if web.openverse_busy:
        handler.say(429, Retry_After=str(web.openverse_busy.pop(0)))
        return
    page, size = int(asked["page"]), int(asked["page_size"])
    body = answers.openverse(
        handler.items(asked), handler.server.web.host, page=page, page_size=size
    )
    handler.say(200, body, "application/json", **web.openverse_headers)


def _wikimedia(handler: _Handler, asked: Mapping[str, str]) -> None:
    items, host = handler.items(asked, "gsrsearch"), handler.server.web.host
    body = answers.wikimedia(
        items, host, offset=int(asked["gsroffset"]), limit=int(asked["gsrlimit"])
    )
    handler.say(200, body, "application/json")


_ROUTES: dict[str, Callable[[_Handler, Mapping[str, str]], None]] = {
    "/photo/": _photo,
    "/search": _google,
    "/more": _more,
    "/sorry/": _sorry,
    "/m": lambda handler, asked: _html(handler, pages.consent(asked["continue"])),
    "/images/": _bing,
    "/v1/images/": _openverse,
    "/w/api.php": _wikimedia,
    "/silence": lambda *_: time.sleep(4),
    "/robots.txt": lambda handler, _: handler.say(200, ROBOTS, "text/plain"),
}


def _drip(handler: _Handler) -> None:
    """One byte at a time, and never done; each one in time for a limit between bytes."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"\xff")
        time.sleep(0.05)


def _endless(handler: _Handler) -> None:
    """No length, and more and more of it."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(2000):
        handler.wfile.write(bytes(2**16))


def _announced(handler: _Handler, length: str = "1" + "0" * 12) -> None:
    """A length beyond every limit, and nothing else."""
    handler.send_response(200)
    handler.send_header("Content-Length", length)
    handler.end_headers()


def _cut(handler: _Handler) -> None:
    """Fewer bytes than announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(photo(1))


def _slow(handler: _Handler) -> None:
    """A photo that takes its time."""
    time.sleep(0.7)
    handler.say(200, photo(9))


def _busy_once(handler: _Handler) -> None:
    """Too many requests, and half a minute later a photo."""
    if handler.n_asked() == 1:
        handler.say(429, Retry_After="30")
    else:
        handler.say(200, photo(2))


ODD: dict[str, Callable[[_Handler], None]] = {
    "announced.jpg": _announced,
    "announced-in-5000-digits.jpg": lambda handler: _announced(handler, "9" * 5000),
    "astray.jpg": lambda handler: handler.go("http://[bad/x"),
    "bomb.png": lambda handler: handler.say(200, bomb(), "image/png"),
    "broken.jpg": lambda handler: handler.say(200, photo(3)[:-700]),
    "busy-once.jpg": _busy_once,
    "busy.jpg": lambda handler: handler.say(503, Retry_After="7200"),
    "cut.jpg": _cut,
    "drip.jpg": _drip,
    "empty.jpg": lambda handler: handler.say(200),
    "endless.jpg": _endless,
    "forbidden.jpg": lambda handler: handler.say(200, photo(4)),
    "gone.jpg": lambda handler: handler.say(404, b"<html>gone</html>", "text/html"),
    "inside.jpg": lambda handler: handler.go(f"http://localhost:{handler.server.web.port}/photo/x"),
    "lying.jpg": lambda handler: handler.say(200, photo(5, kind="PNG")),
    "loop.jpg": lambda handler: handler.go("/odd/loop.jpg"),
    "metadata.jpg": lambda handler: handler.go("http://169.254.169.254/latest/meta-data/"),
    "moved.jpg": lambda handler: handler.go("../photo/moved/1.jpg"),
    "other-port.jpg": lambda handler: handler.go("http://127.0.0.1:9/photo.jpg"),
    "page.jpg": lambda handler: handler.say(200, b"\n<!DOCTYPE html><html></html>"),
    "same.jpg": lambda handler: handler.say(200, photo(6)),
    "same-again.jpg": lambda handler: handler.say(200, photo(6)),
    "slow.jpg": _slow,
    "small.png": lambda handler: handler.say(200, photo(7, size=(300, 20), kind="PNG")),
    "wide.webp": lambda handler: handler.say(200, photo(8, kind="WEBP"), "text/plain"),
}

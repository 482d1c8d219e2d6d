"""One request over one connection, and its limits."""

import shutil
import ssl
import subprocess
import threading
import time as real_time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline.scraping.addresses import Target, resolve
from pipeline.scraping.connecting import Connector
from pipeline.scraping.refusals import RefusedError
from tests.pipeline.scraping.web.photos import photo
from tests.pipeline.scraping.web.server import Web

MAX_BYTES = 100_000


def target(web: Web, path: str) -> Target:
    """A target on our web."""
    return resolve(f"{web.host}{path}", allowed=web.allowed)


def get(web: Web, path: str, *, timeout_s: float = 5.0) -> bytes:
    """The body behind a path."""
    connector = Connector(timeout_s=timeout_s)
    return connector.get(target(web, path), headers={}, max_bytes=MAX_BYTES).body


def test_a_whole_answer_comes_with_status_and_headers(web: Web) -> None:
    """Whatever the status; names of headers are in lower case."""
    connector = Connector(timeout_s=5)
    good = connector.get(target(web, "/odd/same.jpg"), headers={}, max_bytes=MAX_BYTES)
    bad = connector.get(target(web, "/odd/gone.jpg"), headers={}, max_bytes=MAX_BYTES)
    assert (good.status, good.headers["content-type"], good.body) == (200, "image/jpeg", photo(6))
    assert bad.status == 404


@pytest.mark.parametrize("name", ["announced.jpg", "announced-in-5000-digits.jpg", "endless.jpg"])
def test_a_body_beyond_the_limit_is_not_read_to_the_end(web: Web, name: str) -> None:
    """This holds whether or not its length is announced."""
    with pytest.raises(RefusedError, match="file too large"):
        get(web, f"/odd/{name}")


def test_a_server_that_drips_is_cut_off(web: Web) -> None:
    """The limit is for the whole request: each single byte came in time."""
    start = real_time.monotonic()
    with pytest.raises(RefusedError, match=r"took too long: not done after 0\.5 s") as refused:
        get(web, "/odd/drip.jpg", timeout_s=0.5)
    assert refused.value.is_temporary
    assert real_time.monotonic() - start < 5


def test_a_body_that_breaks_off_is_no_answer(web: Web) -> None:
    """Half a photo is not taken for a whole one."""
    with pytest.raises(RefusedError, match="can't be reached: no complete answer") as refused:
        get(web, "/odd/cut.jpg")
    assert refused.value.is_temporary


def test_a_second_address_is_tried_where_the_first_does_not_answer(web: Web) -> None:
    """Nothing listens at the first one."""
    several = Target(
        scheme="http",
        host="photos.example",
        port=web.port,
        netloc="photos.example",
        path="/odd/same.jpg",
        addresses=("127.0.0.3", "127.0.0.1"),
    )
    response = Connector(timeout_s=5).get(several, headers={}, max_bytes=MAX_BYTES)
    assert response.body == photo(6)


def test_a_host_where_nothing_listens_can_not_be_reached() -> None:
    """Port 9 of the loopback is closed."""
    closed = resolve("http://127.0.0.1:9/", allowed="127.0.0.1:9")
    with pytest.raises(RefusedError, match="can't be reached"):
        Connector(timeout_s=5).get(closed, headers={}, max_bytes=1)


def test_cutting_ends_what_runs_and_what_comes(web: Web) -> None:
    """It works at once, from another thread."""
    connector = Connector(timeout_s=60)
    threading.Timer(0.3, connector.cut).start()
    start = real_time.monotonic()
    with pytest.raises(RefusedError, match="the scrape was stopped"):
        connector.get(target(web, "/odd/drip.jpg"), headers={}, max_bytes=MAX_BYTES)
    with pytest.raises(RefusedError, match="the scrape was stopped"):
        connector.get(target(web, "/odd/same.jpg"), headers={}, max_bytes=MAX_BYTES)
    assert real_time.monotonic() - start < 5


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with the name of the host that was asked."""
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Print nothing."""


class _Quiet(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that trusts nobody hangs up."""


@contextmanager
def encrypted(folder: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A server with its own certificate for a name: its port, and a context that trusts it."""
    files = {"-keyout": folder / "key.pem", "-out": folder / "certificate.pem"}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    command += [str(part) for pair in files.items() for part in pair]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files["-out"], files["-keyout"])
    server = _Quiet(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_port, ssl.create_default_context(cafile=str(files["-out"]))
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_is_held_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    """The connection goes to a checked address, and still the name must be proved."""
    with encrypted(tmp_path, "photos.example") as (port, trusting):
        connector = Connector(timeout_s=5, context=trusting)
        response = connector.get(secure("photos.example", port), headers={}, max_bytes=100)
        assert response.body == b"photos.example"
        with pytest.raises(RefusedError, match="can't be reached"):
            connector.get(secure("other.example", port), headers={}, max_bytes=100)
        with pytest.raises(RefusedError, match="can't be reached"):
            Connector(timeout_s=5).get(secure("photos.example", port), headers={}, max_bytes=100)


def secure(host: str, port: int) -> Target:
    """A target with a name that nobody looks up."""
    return Target(
        scheme="https", host=host, port=port, netloc=host, path="/", addresses=("127.0.0.1",)
    )

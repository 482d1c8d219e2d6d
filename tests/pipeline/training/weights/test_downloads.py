"""Downloads from a server on this machine's loopback."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.training.weights.downloads import DownloadError, check_hash, fetch

CONTENT = b"weights" * 100_000
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


class Server(ThreadingHTTPServer):
    """Answers /slow/... only after `released` is set."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Sends the content, or half of it and then nothing, or a 404."""

    server: Server

    def do_GET(self) -> None:
        """Answer a request."""
        if self.path.startswith("/missing/"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2])
        if self.path.startswith("/slow/"):
            self.wfile.flush()
            self.server.released.wait(10)
        self.wfile.write(CONTENT[len(CONTENT) // 2 :])

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a running server."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.released.set()
        server.shutdown()


def test_a_file_is_fetched_whole(tmp_path: Path, address: str) -> None:
    """It gets its name once it is complete and checked; the folder is created."""
    target = tmp_path / "checkpoints" / NAME
    fetch(f"{address}/{NAME}", target, deadline_s=10)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_a_file_that_is_not_what_its_name_promises_is_refused(tmp_path: Path, address: str) -> None:
    """If the hash in the name differs, nothing is kept."""
    with pytest.raises(DownloadError, match="not what its name promises"):
        fetch(f"{address}/x", tmp_path / "net-00000000.pth", deadline_s=10)
    assert list(tmp_path.iterdir()) == []


def test_the_deadline_holds_for_a_transfer_that_stalls(tmp_path: Path, address: str) -> None:
    """A download from a server that stalls is abandoned, and leaves no file of that name."""
    with pytest.raises(DownloadError, match=r"could not be fetched within 0.3 s"):
        fetch(f"{address}/slow/{NAME}", tmp_path / NAME, deadline_s=0.3)
    assert not (tmp_path / NAME).exists()


def test_a_missing_file_is_told_with_the_servers_reason(tmp_path: Path, address: str) -> None:
    """The answer 404 is the reason."""
    with pytest.raises(DownloadError, match="404"):
        fetch(f"{address}/missing/{NAME}", tmp_path / NAME, deadline_s=10)
    assert list(tmp_path.iterdir()) == []


def test_no_network_is_told_with_the_systems_reason(tmp_path: Path) -> None:
    """Nothing listens on that port."""
    with pytest.raises(DownloadError, match="refused"):
        fetch("http://127.0.0.1:9/x", tmp_path / NAME, deadline_s=10)


def test_a_file_on_disk_is_held_against_its_name(tmp_path: Path) -> None:
    """The prefix must match; a name without one promises nothing."""
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    check_hash(path, name=NAME)
    check_hash(path, name="net.pth")
    with pytest.raises(DownloadError, match='"file" is not what its name promises'):
        check_hash(path, name="net-0123456789.pth")

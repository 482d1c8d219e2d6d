"""Where the server listens."""

import socket

import pytest

from pipeline.cleaning.review.notebook import NotebookReview
from pipeline.cleaning.review.serving import listening, port_of
from pipeline.errors import MachineError
from tests.pipeline.cleaning.review.asking import asker


def test_it_listens_on_this_machines_loopback_only() -> None:
    """At any free port, or at the one that is asked for."""
    with listening(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        port = port_of(listener)
    with listening(port) as listener:
        assert port_of(listener) == port


def test_a_port_that_is_taken_is_refused_by_its_option() -> None:
    """The message says what to do."""
    with (
        listening(0) as listener,
        pytest.raises(MachineError, match=r"The port can't be used(?s:.)*--port \d+"),
        listening(port_of(listener)),
    ):
        pass


def test_what_is_no_request_ends_the_connection_and_not_the_server(running: NotebookReview) -> None:
    """It answers the next one."""
    asked = asker(running)
    host, _, port = asked.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"\x16\x03\x01 no request\r\n\r\n")
        assert b"400" in connection.recv(200)
    assert asked.get().status == 200

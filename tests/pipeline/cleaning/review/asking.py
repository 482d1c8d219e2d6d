"""Requests to a review's server as anybody could make them, with any header."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from pipeline.cleaning.review.notebook import NotebookReview

TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as a document."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Asker:
    """A client of one server."""

    address: str

    @property
    def origin(self) -> str:
        """The origin of the page."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.address).netloc

    @property
    def token(self) -> str:
        """The first part of the path."""
        return urlsplit(self.address).path.strip("/")

    def get(self, path: str = "", **headers: str) -> Answer:
        """What is at a path below the token."""
        return self.ask("GET", f"/{self.token}/{path}", headers=headers)

    def post(self, path: str, document: object, **headers: str) -> Answer:
        """The answer that the page would get; headers replace its own; None means no body."""
        own = {"origin": self.origin, "content-type": "application/json"}
        body = b"" if document is None else json.dumps(document).encode()
        return self.ask("POST", f"/{self.token}/{path}", headers={**own, **headers}, body=body)

    def ask(
        self, method: str, path: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> Answer:
        """An answer to exactly this; a Host header is added where none is given."""
        connection = HTTPConnection(self.host, timeout=TIMEOUT_S)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"host": self.host, **names})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, response.read())
        connection.close()
        return answer


def asker(running: NotebookReview) -> Asker:
    """A client of a review's server."""
    return Asker(running.address)

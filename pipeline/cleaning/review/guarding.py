"""Who may use the review's server: pages that it served itself, and nobody else.

A page of another site can make a browser send requests to this machine, even under a host name of
that site that resolves to 127.0.0.1. So the host and the origin of a request are checked, and its
address must begin with a token that only the user is shown.
"""

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# By default, no other page may show this one in a frame.
_NO_FRAMES = "'none'"
# Enough for decisions about 20,000 photos at once; the body is read as a whole.
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request must show.

    Attributes:
        token: The first part of every address.
        origins: The scheme, host and port of the page's own address, in each of its forms.
        frame_ancestors: Which pages may show it in a frame, as the policy writes them.
    """

    token: str
    origins: tuple[str, ...]
    frame_ancestors: str = _NO_FRAMES

    @property
    def hosts(self) -> tuple[str, ...]:
        """The values of the Host header that are accepted."""
        return tuple(origin.partition("://")[2] for origin in self.origins)


def local_access(port: int) -> Access:
    """Access for a browser on this machine, with a token that can't be guessed."""
    origins = (f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    return Access(token=secrets.token_urlsafe(24), origins=origins)


class Guard:
    """An application behind a token, which the application doesn't see.

    Args:
        app: Answers the requests that are let in.
        access: What they must show.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access
        self._prefix = f"/{access.token}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return
        reason = self._refusal(scope)
        guarded = self._with_headers(send)
        if reason is not None:
            await PlainTextResponse(reason, status_code=403)(scope, receive, guarded)
            return
        path = f"/{scope['path'][len(self._prefix) :]}"
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, guarded)

    def _refusal(self, scope: MutableMapping[str, Any]) -> str | None:
        """Why a request isn't let in; None if it is."""
        headers = Headers(scope=scope)
        access = self._access
        if len(headers.getlist("host")) != 1 or headers["host"] not in access.hosts:
            return "This is not the host of the review. Use the address that pipeline clean shows."
        if any(origin not in access.origins for origin in headers.getlist("origin")):
            return "Pages from other origins can't use the review."
        if scope["method"] not in ("GET", "HEAD") and not _is_own_post(headers):
            return "Only the review's own page can send decisions, and not about this many photos."
        given = scope["path"][: len(self._prefix)].encode("utf-8", "surrogateescape")
        if not secrets.compare_digest(given, self._prefix.encode()):
            return "The address lacks its token. Use the whole address that pipeline clean shows."
        return None

    def _with_headers(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers["content-security-policy"] = (
                    f"{_POLICY}; frame-ancestors {self._access.frame_ancestors}"
                )
                if self._access.frame_ancestors == _NO_FRAMES:
                    headers["x-frame-options"] = "DENY"
                headers.setdefault("cache-control", "no-store")
            await send(message)

        return guarded


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # The address holds the token; with "no-referrer" the page's own requests would have no origin.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def _is_own_post(headers: Headers) -> bool:
    """Whether a request says that it comes from the page, and that it isn't too long."""
    is_same_origin = headers.get("sec-fetch-site", "same-origin") == "same-origin"
    length = headers.get("content-length", "")
    is_short = length.isdecimal() and int(length) <= _MOST_BYTES
    return "origin" in headers and is_same_origin and is_short

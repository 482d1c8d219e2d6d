"""The review as a web application: a page, its files, pictures, and requests to decide."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fasthtml.core import FastHTML
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from pipeline.cleaning.errors import DecisionError
from pipeline.cleaning.review.darkroom import Darkroom
from pipeline.cleaning.review.page import page_html
from pipeline.cleaning.review.pictures import LARGE_SIDE_PX, PictureCache
from pipeline.cleaning.review.reviewing import Outcome, Review
from pipeline.cleaning.review.wire import WishesText, album_json, error_json, outcome_json
from pipeline.errors import FileAccessError

_ASSETS = Path(__file__).with_name("assets")
_ASSET_NAMES = (
    "cards.js",
    "dialogs.js",
    "icon.svg",
    "layout.js",
    "requests.js",
    "review.css",
    "review.js",
    "unreadable.svg",
)
# The address holds the token of one run, so no picture is cached longer than its number is valid.
_KEEP = {"cache-control": "private, max-age=86400, immutable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the application works with.

    Attributes:
        folder: The name of the folder under review.
        review: The decisions.
        skipped: Why checks were left out, one sentence each.
        darkroom: Makes the small pictures.
        pictures: Keeps the large ones.
    """

    folder: str
    review: Review
    skipped: tuple[str, ...]
    darkroom: Darkroom
    pictures: PictureCache


def make_app(desk: Desk) -> FastHTML:
    """The application, which lets everybody in: put a `Guard` in front of it."""
    # No session: the address holds what its cookie would. No default headers: they load from CDNs.
    app = FastHTML(default_hdrs=False, sess_cls=None, secret_key="unused")  # noqa: S106 - no session
    _serve_page(app, desk)
    _serve_pictures(app, desk)
    _serve_decisions(app, desk)
    return app


def _serve_page(app: FastHTML, desk: Desk) -> None:
    async def page(_request: Request) -> Response:
        return HTMLResponse(page_html(desk.folder))

    async def photos(_request: Request) -> Response:
        outcome = await run_in_threadpool(desk.review.standing)
        return _json(album_json(desk.review.album, outcome, desk.skipped))

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSET_NAMES:
            return Response(status_code=404)
        return FileResponse(_ASSETS / name, headers={"cache-control": "no-cache"})

    app.route("/", methods=["get"])(page)
    app.route("/photos", methods=["get"])(photos)
    app.route("/assets/{name}", methods=["get"])(asset)


def _serve_pictures(app: FastHTML, desk: Desk) -> None:
    n_photos = len(desk.review.album.subjects)

    async def small(request: Request) -> Response:
        number = request.path_params["number"]
        if number >= n_photos:
            return Response(status_code=404)
        return _picture(await asyncio.wrap_future(desk.darkroom.want(number)))

    async def large(request: Request) -> Response:
        number = request.path_params["number"]
        if number >= n_photos:
            return Response(status_code=404)
        file, picture = desk.review.file_of(number), desk.pictures.picture
        return _picture(await run_in_threadpool(picture, file, side_px=LARGE_SIDE_PX))

    app.route("/small/{number:int}", methods=["get"])(small)
    app.route("/large/{number:int}", methods=["get"])(large)


def _serve_decisions(app: FastHTML, desk: Desk) -> None:
    async def decide(request: Request) -> Response:
        try:
            wishes = WishesText.model_validate_json(await request.body()).values()
        except ValidationError:
            return _json(error_json("this is not a decision; reload the page"), status_code=400)
        return await _answer(desk, lambda: desk.review.decide(wishes))

    async def undo(_request: Request) -> Response:
        return await _answer(desk, desk.review.undo)

    async def redo(_request: Request) -> Response:
        return await _answer(desk, desk.review.redo)

    app.route("/decide", methods=["post"])(decide)
    app.route("/undo", methods=["post"])(undo)
    app.route("/redo", methods=["post"])(redo)


async def _answer(desk: Desk, action: Callable[[], Outcome]) -> Response:
    desk.darkroom.hush()
    try:
        return _json(outcome_json(await run_in_threadpool(action)))
    except (DecisionError, FileAccessError) as error:
        return _json(error_json(str(error)), status_code=409)


def _json(body: bytes, *, status_code: int = 200) -> Response:
    return Response(body, status_code=status_code, media_type="application/json")


def _picture(jpeg: bytes | None) -> Response:
    if jpeg is None:
        return FileResponse(_ASSETS / "unreadable.svg")
    return Response(jpeg, media_type="image/jpeg", headers=_KEEP)

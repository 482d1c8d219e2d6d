"""A whole review, from listing a folder to the end of its server, on this machine only."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from hidden_test_spec.images import ImageFolder
from pipeline.cleaning.audit.auditing import AuditSettings
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import Now, open_quarantine
from pipeline.cleaning.review.album import make_album
from pipeline.cleaning.review.app import Desk, make_app
from pipeline.cleaning.review.darkroom import darkroom
from pipeline.cleaning.review.guarding import Access, Guard, local_access
from pipeline.cleaning.review.kept_audit import audit_for_review
from pipeline.cleaning.review.listing import list_photos
from pipeline.cleaning.review.pictures import SMALL_SIDE_PX, PictureCache
from pipeline.cleaning.review.reviewing import Review
from pipeline.errors import MachineError
from pipeline.folders import list_class_folders
from pipeline.progress import Report

_HOST = "127.0.0.1"
_PICTURES = "pictures"
_GRACE_S = 1


@contextmanager
def open_desk(
    trees: Trees, settings: AuditSettings, report: Report, clock: Now, *, by: str
) -> Iterator[Desk]:
    """Everything that a review works with, locked for others until the block ends.

    Args:
        trees: The images, and the quarantine for those that are removed.
        settings: The settings of the audit, which is made if there is none of these photos.
        report: Called with each line about the progress.
        clock: Returns the time for a decision, with its zone.
        by: Who decides, for the journal.

    Raises:
        PipelineError: What `open_quarantine` and `audit_images` raise.
    """
    with open_quarantine(trees, report, clock, by=by) as quarantine:
        folder = list_class_folders(trees.images, extensions=settings.extensions)
        listed = list_photos(trees, folder, quarantine.state)
        audit = audit_for_review(trees, listed, settings, report)
        album = make_album(listed, _labels(folder), audit)
        review = Review(quarantine, trees, album)
        pictures = PictureCache(trees.quarantine / _PICTURES)
        with darkroom(
            lambda photo: pictures.picture(review.file_of(photo), side_px=SMALL_SIDE_PX),
            n_photos=len(album.subjects),
        ) as room:
            yield Desk(
                folder=trees.images.resolve().name,
                review=review,
                skipped=audit.skipped,
                darkroom=room,
                pictures=pictures,
            )


def _labels(folder: ImageFolder) -> tuple[str, ...]:
    return tuple(label for label, _ in folder.images_by_folder)


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A listening socket on this machine's loopback; port 0 means any free one.

    Raises:
        MachineError: If the port is unavailable.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
            listener.listen(128)
        except OSError as error:
            raise MachineError(
                what=f"The port can't be used ({error.strerror or error})",
                where=f"--port {port}",
                advice="name another port, or leave out --port to get any free one",
            ) from error
        yield listener


def port_of(listener: socket.socket) -> int:
    """The port of a listening socket."""
    port: int = listener.getsockname()[1]
    return port


def serve(desk: Desk, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve until the user presses Ctrl-C, or the process is ended.

    Args:
        desk: What to serve.
        listener: A socket on this machine's loopback.
        announce: Called with the page's address, including its token.
    """
    access = local_access(port_of(listener))
    with contextlib.suppress(KeyboardInterrupt):
        announce(f"{access.origins[0]}/{access.token}/")
        make_server(desk, access).run(sockets=[listener])


def make_server(desk: Desk, access: Access) -> uvicorn.Server:
    """A server, to be run on a listening socket."""
    config = uvicorn.Config(
        Guard(make_app(desk), access),
        log_level="error",
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return uvicorn.Server(config)

"""The review page inside a notebook, in Jupyter and in Colab.

from pipeline.cleaning.review.notebook import review

page = review("images")
page          # shows the page below the cell
page.stop()   # every decision has already been saved
"""

import contextlib
import html
import importlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import uvicorn

from pipeline.cleaning.audit.auditing import AuditSettings
from pipeline.cleaning.audit.memory import default_memory
from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.quarantine.quarantine import default_quarantine
from pipeline.cleaning.review.guarding import Access, local_access
from pipeline.cleaning.review.serving import listening, make_server, open_desk, port_of
from pipeline.progress import Report, log_listener

_HEIGHT_PX = 800
# Who may show the page in a frame: a notebook on this machine or in Colab.
_NOTEBOOKS = (
    "http://localhost:* http://127.0.0.1:* https://colab.research.google.com "
    "https://*.googleusercontent.com https://*.colab.dev"
)


class NotebookReview:
    """A review that is served until it is stopped; a notebook shows it in a frame.

    Attributes:
        address: The page's address with its token; for a browser on the notebook's own machine.
    """

    def __init__(self, stack: contextlib.ExitStack, address: str, *, is_shown: bool) -> None:
        self.address = address
        self._stack = stack
        self._is_shown = is_shown

    def stop(self) -> None:
        """Stop the server, and let other commands use the folder; nothing is lost."""
        self._stack.close()

    def _repr_html_(self) -> str:
        """The page in a frame; where Colab shows it already, only a line of text."""
        if self._is_shown:
            return "<p>The review is above. <code>stop()</code> ends it.</p>"
        address = html.escape(self.address)
        return (
            f'<iframe src="{address}" title="Review of photos" width="100%" '
            f'height="{_HEIGHT_PX}" style="border: 1px solid #8888"></iframe>'
        )


def review(
    images: str | Path,
    *,
    quarantine: str | Path | None = None,
    settings: AuditSettings | None = None,
    report: Report = print,
) -> NotebookReview:
    """A review of a folder of class folders, for a notebook to show.

    Args:
        images: The folder.
        quarantine: The folder for removed photos; IMAGES-quarantine beside the images if left out.
        settings: The settings of the audit.
        report: Called with each line about the audit's progress.

    Raises:
        PipelineError: Where pipeline clean would fail.
    """
    images = Path(images)
    heard = log_listener(report, time.monotonic)
    trees = Trees(
        images=images,
        quarantine=default_quarantine(images) if quarantine is None else Path(quarantine),
    )
    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(
            open_desk(
                trees,
                settings or AuditSettings(memory=default_memory()),
                heard,
                _now,
                by="notebook",
            )
        )
        listener = stack.enter_context(listening(0))
        colab = _colab_output()
        access = replace(local_access(port_of(listener)), frame_ancestors=_NOTEBOOKS)
        if colab is not None:
            access = _through_colab(colab, access, port_of(listener))
        server = make_server(desk, access)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        stack.enter_context(_running(server, thread))
        if colab is not None:
            path = f"/{access.token}/"
            colab.serve_kernel_port_as_iframe(port_of(listener), path=path, height=_HEIGHT_PX)
        address = f"{access.origins[0]}/{access.token}/"
        return NotebookReview(stack.pop_all(), address, is_shown=colab is not None)


@contextlib.contextmanager
def _running(server: uvicorn.Server, thread: threading.Thread) -> Iterator[None]:
    """A server that runs in a thread until the block ends."""
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _colab_output() -> ModuleType | None:
    """Colab's module for showing a page from its machine; None outside Colab."""
    try:
        return importlib.import_module("google.colab.output")
    except ImportError:
        return None


def _through_colab(colab: ModuleType, access: Access, port: int) -> Access:
    """Access also under the address by which Colab lets a browser reach this machine."""
    address = str(colab.eval_js(f"google.colab.kernel.proxyPort({port})"))
    scheme, _, rest = address.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    return replace(access, origins=(*access.origins, origin))


def _now() -> datetime:
    return datetime.now(UTC)

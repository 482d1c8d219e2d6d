"""The review in a notebook; Colab's own module is played by one that notes what it is asked."""

import sys
from types import ModuleType

import pytest

from pipeline.cleaning.quarantine.planning import Trees
from pipeline.cleaning.review.notebook import NotebookReview, review
from pipeline.errors import MachineError
from tests.pipeline.cleaning.review.asking import asker
from tests.pipeline.drawing import silent

PROXY = "https://8888-x.prod.colab.dev"


def test_a_notebook_shows_the_page_in_a_frame(running: NotebookReview) -> None:
    """Which the page allows to notebooks of this machine, and to no other site."""
    assert f'<iframe src="{running.address}"' in running._repr_html_()
    policy = asker(running).get().headers["content-security-policy"]
    ancestors = policy.partition("frame-ancestors ")[2]
    assert "http://localhost:*" in ancestors
    assert "x-frame-options" not in asker(running).get().headers


def test_the_folder_is_free_again_after_the_stop(trees: Trees) -> None:
    """It was locked before."""
    first = review(trees.images, report=silent)
    with pytest.raises(MachineError, match="wait until it ends"):
        review(trees.images, report=silent)
    first.stop()
    second = review(str(trees.images), quarantine=str(trees.quarantine), report=silent)
    assert asker(second).get().status == 200
    second.stop()


def test_a_failed_start_leaves_nothing_locked(
    trees: Trees, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colab may refuse to show the page."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "google.colab.output", ModuleType("without its functions"))
        with pytest.raises(AttributeError, match="eval_js"):
            review(trees.images, report=silent)
    review(trees.images, report=silent).stop()


def test_colab_shows_its_port_and_its_address_is_let_in(
    trees: Trees, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address by which the browser reaches it is host and origin of the page, too."""
    shown: list[tuple[int, str]] = []
    output = ModuleType("google.colab.output")
    vars(output)["eval_js"] = lambda _script: f"{PROXY}/"
    vars(output)["serve_kernel_port_as_iframe"] = lambda port, *, path, height: shown.append(
        (port, path) if height else (0, "")
    )
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    running = review(trees.images, report=silent)
    asked = asker(running)
    assert shown == [(int(asked.host.partition(":")[2]), f"/{asked.token}/")]
    assert asked.get(host=PROXY.removeprefix("https://")).status == 200
    assert asked.post("undo", None, origin=PROXY).status == 200
    assert asked.post("undo", None, origin="https://other.prod.colab.dev").status == 403
    assert "iframe" not in running._repr_html_()
    running.stop()

"""Where a network looked is where it was taught to look."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, replace
from itertools import count
from pathlib import Path

import pytest
import torch

from grader.engine.answers import Run
from grader.engine.classifier import Classifier, Network
from grader.images.sharing import Pictures
from grader.probing.explaining import Effort, explain
from grader.results.answers import ListedImage, TestImage
from grader.results.explanations import Explanation, HeatMethod
from tests.grader.networks import Constant, classifier_of
from tests.grader.probing.corners import VOCAB, share_inside, trained_network, write_corners

CPU = torch.device("cpu")
ALL = Effort(n_images=len(VOCAB))


@dataclass(frozen=True, slots=True)
class Remote:
    """A network that answers, and shows nothing of how."""

    network: Network

    def logits(self, batch: torch.Tensor) -> object:
        """The same answers."""
        return self.network.logits(batch)

    def on(self, device: torch.device) -> AbstractContextManager[None]:
        """The same place."""
        return self.network.on(device)

    def in_float64(self, device: torch.device) -> AbstractContextManager[Network]:
        """The same precision."""
        return self.network.in_float64(device)


@pytest.fixture(scope="module")
def taught() -> Classifier:
    """A classifier that looks at one corner of each photo."""
    return classifier_of(trained_network(), vocab=VOCAB)


@pytest.fixture(scope="module")
def corners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo of each class, none of which was in its training."""
    return write_corners(tmp_path_factory.mktemp("corners"), seed=8)


def explained(
    *classifiers: Classifier,
    folder: Path,
    effort: Effort = ALL,
    clock: Callable[[], float] = lambda: 0.0,
) -> tuple[Explanation, ...]:
    """Explanations of a folder's photos, class by class."""
    pictures = Pictures()
    runs = [Run(classifier=one, pictures=pictures, device=CPU, batch_size=1) for one in classifiers]
    return explain(runs, images_in(folder, pictures), effort=effort, clock=clock)


def images_in(folder: Path, pictures: Pictures) -> tuple[TestImage, ...]:
    """The photos, in the order of the vocab."""
    return pictures.read(
        ListedImage(path=folder / label / "0.png", name=f"{label}/0.png", label=label)
        for label in VOCAB
    )


@pytest.mark.parametrize("method", ["grad_cam", "occlusion"])
def test_the_heat_is_in_the_corner_that_tells_the_class(
    taught: Classifier, corners: Path, method: HeatMethod
) -> None:
    """At least four fifths of it lie in that quarter, by either method."""
    shown = taught if method == "grad_cam" else replace(taught, network=Remote(taught.network))
    found = explained(shown, folder=corners)
    assert [one.image for one in found] == [f"{label}/0.png" for label in VOCAB]
    for target, one in enumerate(found):
        assert one.candidate is not None
        assert one.baseline is None
        assert one.candidate.heat_map.method == method
        assert share_inside(one.candidate, target) >= 0.8


def test_both_models_are_explained_side_by_side(taught: Classifier, corners: Path) -> None:
    """A model that is its own baseline looks at the same places."""
    for one in explained(taught, taught, folder=corners):
        assert one.candidate == one.baseline is not None


def test_a_network_that_looks_nowhere_has_no_heat_map(taught: Classifier, corners: Path) -> None:
    """Its answers are always the same; the other model's maps are there."""
    blind = classifier_of(Constant([1.0, 0.0, 0.0, 0.0]), vocab=VOCAB)
    assert explained(blind, folder=corners) == ()
    (first, *_) = explained(blind, taught, folder=corners)
    assert first.candidate is None
    assert first.baseline is not None


def test_no_image_is_begun_after_its_time(taught: Classifier, corners: Path) -> None:
    """Each reading of this clock takes a second."""
    ticking = count()
    found = explained(
        taught, folder=corners, effort=Effort(n_images=4, most_s=2.5), clock=lambda: next(ticking)
    )
    assert len(found) == 2


def test_no_more_images_are_explained_than_asked_for(taught: Classifier, corners: Path) -> None:
    """The most important ones are."""
    found = explained(taught, folder=corners, effort=Effort(n_images=1))
    assert [one.image for one in found] == ["red/0.png"]


def test_explaining_changes_nothing_in_the_network(corners: Path) -> None:
    """Neither its numbers, nor its mode, nor a hook is left behind."""
    module = trained_network()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    explained(classifier_of(module, vocab=VOCAB), folder=corners)
    after = module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not module.training
    assert not any(vars(one)["_forward_hooks"] for one in module.modules())
    assert all(one.grad is None for one in module.parameters())


def test_a_whole_photo_is_the_region_of_a_network_that_gets_it_whole(
    taught: Classifier, corners: Path
) -> None:
    """Within the steps of an eighth bit."""
    (first, *_) = explained(taught, folder=corners)
    assert first.candidate is not None
    edges = astuple(first.candidate.region)
    assert edges == pytest.approx((0, 0, 1, 1), abs=0.02)


def test_each_image_is_a_sign_of_life(taught: Classifier, corners: Path) -> None:
    """So that whoever watches the time knows that it gets on."""
    signs: list[str] = []
    pictures = Pictures()
    run = Run(classifier=taught, pictures=pictures, device=CPU, batch_size=1)
    explain([run], images_in(corners, pictures), effort=ALL, on_image=lambda: signs.append("on"))
    assert len(signs) == len(VOCAB)

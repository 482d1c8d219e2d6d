"""Features of images: those that a network would compute at each epoch, computed once."""

from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.training.features.feature_cache import Features, train_features, val_features
from tests.pipeline.training.learning import small_learner, small_settings


@pytest.fixture
def learner(tmp_path: Path) -> Any:
    """Twelve images of train, four of val."""
    return small_learner(tmp_path, small_settings())


def test_val_is_seen_as_at_validation(learner: Any) -> None:
    """The head on its features gives the learner's own outputs."""
    found = val_features(learner)
    with learner.no_bar():
        outputs, targets = learner.get_preds(act=lambda logits: logits)
    assert torch.allclose(learner.model[1][-1](found.values), outputs, atol=1e-5)
    assert torch.equal(found.targets, torch.as_tensor(targets).long())


def test_train_is_seen_plain_mirrored_and_at_random(learner: Any) -> None:
    """One row for each view of each image, view after view."""
    found = train_features(learner, n_views=2, flips=True)
    plain, mirrored, first, second = torch.split(found.values, 12)
    images = learner.dls.test_dl(list(learner.dls.train_ds.items)).one_batch()[0]
    body = torch.nn.Sequential(learner.model[0], *learner.model[1][:-1]).eval()
    with torch.no_grad():
        assert torch.allclose(plain[:4], body(images.as_subclass(torch.Tensor))[:4], atol=1e-5)
        flipped = body(images.as_subclass(torch.Tensor).flip(-1))
    assert torch.allclose(mirrored[:4], flipped[:4], atol=1e-5)
    assert not torch.allclose(first, plain, atol=1e-3)
    assert not torch.allclose(first, second, atol=1e-3)
    assert torch.equal(found.targets, found.targets[:12].repeat(4))


def test_without_flips_no_image_is_mirrored(learner: Any) -> None:
    """So digits stay readable."""
    assert len(train_features(learner, n_views=0, flips=False).targets) == 12


def test_features_and_classes_are_one_for_one() -> None:
    """A programmer's mistake is an error."""
    with pytest.raises(ValueError, match="features of"):
        Features(values=torch.zeros(3, 2), targets=torch.zeros(2))

"""The fits of a recipe, compared with fastai's own fine_tune."""

from pathlib import Path
from typing import Any

import pytest
import torch
from fastai.callback.core import Callback
from fastai.callback.fp16 import AMPMode, MixedPrecision

from pipeline.training.fits import fine_tuning_fits, make_callbacks
from pipeline.training.recipes import read_recipe
from pipeline.training.settings import Precision, TrainingSettings
from tests.pipeline.training.learning import changed, small_learner, small_settings

CPU, GPU = torch.device("cpu"), torch.device("cuda")


class Rates(Callback):  # type: ignore[misc] # fastai has no types
    """Notes the rates of all groups at each step."""

    def __init__(self) -> None:
        self.rates: list[list[float]] = []

    def before_step(self) -> None:
        """Note them."""
        self.rates.append([hyper["lr"] for hyper in self.opt.hypers])


def test_the_documents_fits_are_those_of_fine_tune(tmp_path: Path) -> None:
    """The same rates for the same layers, step by step."""
    settings = small_settings("document")
    theirs, ours = Rates(), Rates()
    learner = small_learner(tmp_path, settings)
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(settings.n_fine_tune_epochs, cbs=theirs)
    learner = small_learner(tmp_path, settings)
    with learner.no_bar(), learner.no_logging():
        for fit in fine_tuning_fits(settings):
            (learner.freeze if fit.is_frozen else learner.unfreeze)()
            learner.fit_one_cycle(fit.n_epochs, **fit.options, cbs=ours)
    assert ours.rates == theirs.rates
    assert len(ours.rates[0]) == 2


def test_best_has_three_groups_with_rates_that_grow_towards_the_head(tmp_path: Path) -> None:
    """There is no frozen fit, since the head is already fitted."""
    settings = small_settings("best")
    (fit,) = fine_tuning_fits(settings)
    rates = Rates()
    learner = small_learner(tmp_path, settings)
    with learner.no_bar(), learner.no_logging():
        learner.unfreeze()
        learner.fit_one_cycle(1, **fit.options, cbs=rates)
    lower, upper, head = rates.rates[1]
    tuning = settings.recipe.fine_tuning
    assert head == pytest.approx(lower * tuning.rate_ratio)
    assert head > upper > lower


def names_of(settings: TrainingSettings, device: torch.device = CPU) -> set[str]:
    """The names of a last fit's callbacks, without trackers."""
    fit = fine_tuning_fits(settings)[-1]
    return {type(one).__name__ for one in make_callbacks(fit, settings, [], device)}


def test_the_documents_fits_have_no_callbacks_of_ours() -> None:
    """Nothing is added that the document doesn't do."""
    assert names_of(small_settings("document")) == set()


def test_batches_are_accumulated_if_asked() -> None:
    """And only then."""
    assert "SharedSteps" in names_of(small_settings(n_accumulated=2))
    assert "SharedSteps" not in names_of(small_settings())


def test_what_steadies_a_fit_is_the_recipes() -> None:
    """Averaging and normalisation are values of the recipe."""
    recipe = changed("best", "fine_tuning", averaging=None, frozen_norms=False)
    assert names_of(small_settings(recipe)) == {"ChannelsLast"}
    recipe = changed("best", "fine_tuning", averaging=0.9, frozen_norms=True)
    assert names_of(small_settings(recipe)) == {"ChannelsLast", "AveragedWeights", "FrozenNorms"}


@pytest.mark.parametrize(
    ("precision", "device", "mode"),
    [
        (Precision.AUTO, CPU, None),
        (Precision.FP32, GPU, None),
        (Precision.FP16, GPU, AMPMode.FP16),
        (Precision.BF16, GPU, AMPMode.BF16),
    ],
)
def test_precision_is_what_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    precision: Precision,
    device: torch.device,
    mode: AMPMode | None,
) -> None:
    """On a CPU auto is 32 bits."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    settings = small_settings("best", precision=precision)
    fit = fine_tuning_fits(settings)[-1]
    found = make_callbacks(fit, settings, [], device)
    modes = [one.amp_mode for one in found if isinstance(one, MixedPrecision)]
    assert modes == ([] if mode is None else [mode])


@pytest.mark.parametrize(("can_bf16", "mode"), [(True, AMPMode.BF16), (False, AMPMode.FP16)])
def test_auto_takes_sixteen_bits_on_a_gpu(
    monkeypatch: pytest.MonkeyPatch, mode: AMPMode, *, can_bf16: bool
) -> None:
    """bfloat16 if the card supports it."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: can_bf16)
    settings = small_settings("best")
    found: list[Any] = make_callbacks(fine_tuning_fits(settings)[-1], settings, [], GPU)
    assert [one.amp_mode for one in found if isinstance(one, MixedPrecision)] == [mode]


def test_the_recipe_document_is_left_alone_on_a_gpu() -> None:
    """It calculates as the document did."""
    assert names_of(small_settings(read_recipe("document")), GPU) == set()


def test_the_recipe_document_takes_the_precision_that_it_is_told() -> None:
    """And nothing else of ours."""
    settings = small_settings(read_recipe("document"), precision=Precision.FP16)
    assert names_of(settings, GPU) == {"MixedPrecision"}

"""Recipes: how a network is trained, as named and versioned data.

A recipe is a TOML file. Two come with the package; an experiment is a recipe with a value changed.
It holds no paths, seeds or devices: those are settings of one run.
"""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hidden_test_spec.errors import list_faults, quote_all
from pipeline.errors import UsageError

DEFAULT_RECIPE = "best"

_Positive = Annotated[float, Field(gt=0)]
_Share = Annotated[float, Field(ge=0, lt=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Images(_Frozen):
    """How an image becomes the input of a network."""

    normalisation: Literal["weights", "fastai"] = Field(
        description="That of the weights; or fastai's, for architectures in its own table only."
    )
    min_scale: _Share = Field(description="The smallest share of an image that a crop keeps.")
    resample: Literal["bilinear", "bicubic"]


class Trackers(_Frozen):
    """What watches the validation loss during a fit, and how patient it is.

    `fastai` stands for fastai's three callbacks as they are. `scheduled` stands for ours, which
    reduce the rate even with a schedule, and stop a fit only once its rate has been annealed.
    """

    kind: Literal["fastai", "scheduled"]
    patience: Annotated[int, Field(ge=1)]
    min_delta: Annotated[float, Field(ge=0)]
    factor: Annotated[float, Field(gt=1)]


class OneCycle(_Frozen):
    """A first stage that trains the head on augmented images, on a one-cycle schedule."""

    method: Literal["one_cycle"]
    rate: _Positive | None = Field(
        default=None, description="The highest rate; None for fastai's own default."
    )
    trackers: Trackers


class OnFeatures(_Frozen):
    """A first stage that fits the head to cached features of the frozen body.

    Each epoch is one shrinkage of the features' covariance, from the strongest to the weakest; the
    epoch with the lowest validation loss is kept.
    """

    method: Literal["features"]
    n_views: Annotated[int, Field(ge=0)] = Field(
        description="Random crops of each training image, besides the plain and the mirrored one."
    )
    strongest: _Share
    weakest: _Share


class FineTuning(_Frozen):
    """The second stage: some epochs with the body frozen, then the whole network at lower rates.

    Attributes:
        n_frozen_epochs: Epochs of the first fit; with none there is only one fit.
        base_rate: The head's highest rate in the first fit; the second has half of it.
        rate_ratio: How much smaller the rate of the first layers is than the head's.
        warm_share: The share of the second fit in which its rate rises.
        start_divisor: How much smaller the rate is when the second fit starts.
        mixup: How much two images are mixed into one (Zhang et al. 2018); None for no mixing.
        averaging: The share that the averaged weights keep at each step; None for no averaging.
        frozen_norms: Whether batch normalisation keeps the statistics of the pretrained weights.
        temperature: Whether a last step divides the outputs by what suits the validation images.
    """

    n_frozen_epochs: Annotated[int, Field(ge=0)]
    base_rate: _Positive
    rate_ratio: Annotated[float, Field(ge=1)]
    warm_share: _Share
    start_divisor: Annotated[float, Field(ge=1)]
    mixup: _Positive | None = None
    averaging: _Share | None = None
    frozen_norms: bool
    temperature: bool
    trackers: Trackers


class Recipe(_Frozen):
    """Everything about training that is the same for every data set and machine."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    summary: str
    image_size_px: Annotated[int, Field(ge=8)]
    batch_size: Annotated[int, Field(ge=2)]
    n_epochs: Annotated[int, Field(ge=1)]
    n_fine_tune_epochs: Annotated[int, Field(ge=1)]
    head: Literal["fastai", "linear"]
    groups: Literal["fastai", "three"] = Field(
        description="Layers that share a rate: fastai's groups, which are two if its table lacks "
        "the architecture; or always lower body, upper body and head."
    )
    images: Images
    first_stage: Annotated[OneCycle | OnFeatures, Field(discriminator="method")]
    fine_tuning: FineTuning

    def with_rate(self, rate: float) -> Self:
        """This recipe with another highest rate for its head, in both stages.

        Raises:
            UsageError: If its first stage has no rate.
        """
        if isinstance(self.first_stage, OnFeatures):
            raise UsageError(
                what=f"The recipe {self.name} fits its head to features, without a learning rate",
                where=f"--lr {rate:g}",
                advice="leave out --lr, or use --recipe document",
            )
        stage = self.first_stage.model_copy(update={"rate": rate})
        tuning = self.fine_tuning.model_copy(update={"base_rate": rate})
        return self.model_copy(update={"first_stage": stage, "fine_tuning": tuning})

    @model_validator(mode="after")
    def _check_head(self) -> Self:
        if self.head != "linear" and isinstance(self.first_stage, OnFeatures):
            raise PydanticCustomError(
                "head",
                'head: "{head}" can\'t be fitted to features; set head = "linear", or the '
                'method of first_stage to "one_cycle"',
                {"head": self.head},
            )
        return self


def recipe_names() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    names = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def read_recipe(source: str | Path = DEFAULT_RECIPE) -> Recipe:
    """Read a recipe.

    Args:
        source: The name of one that comes with the package, or the path of a TOML file.

    Raises:
        UsageError: If it has faults; lists them all.
    """
    try:
        return Recipe.model_validate(tomllib.loads(_read_text(source)))
    except FileNotFoundError as error:
        problem = "there is no recipe of that name, and no such file"
        raise _recipe_error(source, (problem,)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problem = f"it can't be read as TOML: {reason}"
        raise _recipe_error(source, (problem,)) from error
    except ValidationError as error:
        found = ((".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        faults = tuple(": ".join(filter(None, told)) for told in found)
        raise _recipe_error(source, faults) from error


def _recipe_error(source: str | Path, faults: tuple[str, ...]) -> UsageError:
    return UsageError(
        what=f"The recipe can't be used:{list_faults(faults)}",
        where=f"--recipe {source}",
        advice=f"use the name of a recipe, {quote_all(recipe_names())}, or the path of a TOML "
        "file without these faults",
    )


def _read_text(source: str | Path) -> str:
    if str(source) in recipe_names():
        return (_folder() / f"{source}.toml").read_text("utf-8")
    return Path(source).read_text("utf-8")


def _folder() -> Traversable:
    return files("pipeline.training") / "recipe_files"

"""The frozen `Spec`: what an instructor promises about a hidden test, as validated values."""

import unicodedata
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hidden_test_spec.labels import colliding_labels, label_lookup
from hidden_test_spec.rules import RULE_PATTERN, WITH_INTERVAL, Rule, parse_rule

IMAGE_EXTENSIONS = ("jpg", "jpeg", "png", "webp", "bmp")


def _check_folder_name(name: str) -> str:
    """A label names a folder, so it must be one plain path component."""
    if not name.strip():
        raise ValueError("is empty; give the class a name")
    if any(unicodedata.category(char) == "Cc" for char in name):
        raise ValueError("holds control characters; remove them")
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise ValueError("is a path; a label is the name of one folder")
    if name != name.strip() or name.startswith("."):
        raise ValueError("starts with a dot, or starts or ends with a space; remove it")
    return name


def _check_rule(text: str) -> str:
    parse_rule(text)
    return text.strip()


_Label = Annotated[str, AfterValidator(_check_folder_name)]
# The pattern is for editors only, which spell named groups without the P: `parse_rule` reports
# invalid rules in words.
_RuleText = Annotated[
    str,
    Field(json_schema_extra={"pattern": RULE_PATTERN.replace("(?P<", "(?<")}),
    AfterValidator(_check_rule),
]


class _Frozen(BaseModel):
    """A value that can't change and accepts no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassSpec(_Frozen):
    """One class of the hidden test."""

    label: _Label = Field(description="The name of the class and of its folder.")
    aliases: tuple[_Label, ...] = Field(
        default=(),
        description=(
            "Other spellings and languages. A model may use any of them; where it uses several, "
            "their probabilities are summed."
        ),
    )
    queries: tuple[str, ...] = Field(
        min_length=1, description="What to search the web for to find photos of the class."
    )


class Layout(_Frozen):
    """How the test folder is laid out: DIR/<label>/*.<extension>, endings in any case."""

    extensions: tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], ...] = Field(
        default=IMAGE_EXTENSIONS,
        min_length=1,
        description="Endings of image files, in lower case and without the dot.",
    )


class Limits(_Frozen):
    """Bounds on what counts as a test image, on how many there may be, and on a model's file."""

    min_side_px: int = Field(default=1, ge=1, description="Smallest side of an image, in pixels.")
    max_images: int = Field(default=100_000, ge=1, description="Most images in a test folder.")
    max_model_mb: int = Field(
        default=1000, ge=1, description="Largest export that is handed in, in MB of 10^6 bytes."
    )


class Criterion(_Frozen):
    """One rule of the rubric and what it is worth."""

    rule: _RuleText = Field(
        description="For instance: accuracy >= 0.925, or recall >= 0.8 in every class.",
        examples=["accuracy >= 0.925", "accuracy_change >= 0 against the first stage"],
    )
    points: float = Field(gt=0, allow_inf_nan=False, description="Points earned if it is met.")
    on: Literal["value", "bound"] = Field(
        default="value",
        description=(
            "What is judged: the value itself, or the bound of its 95 % interval that is hardest "
            "on the model."
        ),
    )

    @property
    def parsed_rule(self) -> Rule:
        """The rule as a value."""
        return parse_rule(self.rule)

    @model_validator(mode="after")
    def _check_bound(self) -> Self:
        metric = self.parsed_rule.metric
        if self.on == "bound" and metric not in WITH_INTERVAL:
            raise ValueError(
                f'on is "bound", but {metric} has no interval; those that have one are '
                f"{', '.join(sorted(WITH_INTERVAL))}"
            )
        return self


class Reporting(_Frozen):
    """How reports compare two models, and what they may show students."""

    margin: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Loss of accuracy against the first stage that still counts as no worse.",
    )
    min_class_images: int = Field(
        default=5,
        ge=1,
        description="Fewest test images that a number shown to students rests on.",
    )
    unreadable: Literal["left_out", "wrong"] = Field(
        default="left_out",
        description=(
            "Whether a test image that can't be read is left out of every number, or counts as a "
            "wrong answer."
        ),
    )


class Rubric(_Frozen):
    """The criteria of a grade, and how many points pass."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    pass_points: float | None = Field(
        default=None,
        gt=0,
        description="Points that pass. Left out: every criterion must be met.",
    )

    @property
    def points_possible(self) -> float:
        """The points of all criteria together."""
        return sum(criterion.points for criterion in self.criteria)

    @model_validator(mode="after")
    def _check_pass_points(self) -> Self:
        if self.pass_points is not None and self.pass_points > self.points_possible:
            raise ValueError(
                f"pass_points is {self.pass_points:g}, but all criteria together are worth only "
                f"{self.points_possible:g}"
            )
        return self


class Spec(_Frozen):
    """The contract of one hidden test."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Short name, as in --spec.")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="Version, such as 1.0.0.")
    description: str = Field(default="", description="What the test is about, for people.")
    classes: tuple[ClassSpec, ...] = Field(min_length=2, description="In the order of reports.")
    layout: Layout = Field(default_factory=Layout)
    limits: Limits = Field(default_factory=Limits)
    reporting: Reporting = Field(default_factory=Reporting)
    rubric: Rubric

    @model_validator(mode="after")
    def _check_collisions(self) -> Self:
        collisions = colliding_labels((one.label, one.aliases) for one in self.classes)
        if collisions:
            raise ValueError("; ".join(collision_problem(*collision) for collision in collisions))
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the classes, in the spec's order."""
        return tuple(one.label for one in self.classes)

    def lookup(self) -> dict[str, str]:
        """From the key of every accepted spelling to the label of its class."""
        return label_lookup({one.label: one.aliases for one in self.classes})


def collision_problem(spelling: str, first: str, second: str) -> str:
    """The sentence about two classes that share a spelling."""
    return (
        f"{spelling!r} of class {second!r} is already taken by class {first!r} (labels compare "
        "after Unicode NFC and case folding); give each class its own spellings"
    )

"""The spec is a frozen, validated value, and its schema is up to date."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import hidden_test_spec
from hidden_test_spec.__main__ import json_schema
from hidden_test_spec.rules import SCOPES, WITH_INTERVAL
from hidden_test_spec.spec import Criterion, Limits, Reporting, Rubric
from tests.factories import make_rubric, make_spec


def test_a_spec_is_frozen() -> None:
    """Neither it nor what it holds can be changed."""
    spec = make_spec()
    with pytest.raises(ValidationError, match="frozen"):
        spec.name = "other"  # type: ignore[misc]  # mypy sees it too
    with pytest.raises(ValidationError, match="frozen"):
        spec.classes[0].label = "other"  # type: ignore[misc]  # as above


def test_labels_are_in_the_specs_order() -> None:
    """Reports follow the file and not the alphabet."""
    assert make_spec(labels=("wren", "robin")).labels == ("wren", "robin")


def test_the_lookup_knows_labels_and_aliases() -> None:
    """By their keys."""
    spec = make_spec(aliases={"wren": ("Chochín",)})
    assert spec.lookup() == {"robin": "robin", "wren": "wren", "chochín": "wren"}


def test_classes_that_share_a_spelling_are_refused() -> None:
    """Both labels are named."""
    with pytest.raises(ValidationError, match="'ROBIN' of class 'wren' is already taken by class"):
        make_spec(aliases={"wren": ("ROBIN",)})


@pytest.mark.parametrize("limit", ["min_side_px", "max_images", "max_model_mb"])
def test_limits_are_at_least_one(limit: str) -> None:
    """A limit of no images would refuse every folder, one of no MB every model."""
    with pytest.raises(ValidationError, match=limit):
        Limits.model_validate({limit: 0})


def test_the_points_of_all_criteria_are_added_up() -> None:
    """What a rubric is worth."""
    assert make_rubric("accuracy >= 0.5", "loss <= 1", points=2.5).points_possible == 5


@pytest.mark.parametrize("points", [0.0, -1.0, float("inf"), float("nan")])
def test_points_are_finite_and_above_zero(points: float) -> None:
    """A criterion is worth something that can be added up."""
    with pytest.raises(ValidationError, match="points"):
        Criterion(rule="accuracy >= 0.5", points=points)


@pytest.mark.parametrize("metric", sorted(WITH_INTERVAL))
def test_a_metric_with_an_interval_can_be_judged_on_its_bound(metric: str) -> None:
    """With the ending of its scope."""
    rule = f"{metric} >= 0 {SCOPES[metric].value}"
    assert Criterion(rule=rule, points=1, on="bound").on == "bound"


@pytest.mark.parametrize("metric", sorted(SCOPES.keys() - WITH_INTERVAL))
def test_a_metric_without_an_interval_is_told_which_have_one(metric: str) -> None:
    """It can be judged on its value only."""
    rule = f"{metric} >= 0 {SCOPES[metric].value}"
    problem = f'on is "bound", but {metric} has no interval; those that have one are accuracy, '
    with pytest.raises(ValidationError, match=problem) as caught:
        Criterion(rule=rule, points=1, on="bound")
    told = str(caught.value).partition("have one are ")[2].partition(" [")[0]
    assert told.split(", ") == sorted(WITH_INTERVAL)
    assert Criterion(rule=rule, points=1).on == "value"


def test_a_criterion_is_judged_on_the_value_or_the_bound() -> None:
    """Nothing else."""
    with pytest.raises(ValidationError, match="'value' or 'bound'"):
        Criterion.model_validate({"rule": "accuracy >= 0.5", "points": 1, "on": "mean"})


def test_a_rule_that_is_none_is_told_so_and_not_its_bound() -> None:
    """One fault is reported once."""
    with pytest.raises(ValidationError, match="is not a rule") as caught:
        Criterion(rule="be good", points=1, on="bound")
    assert caught.value.error_count() == 1


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1])
def test_a_margin_lies_between_0_and_1(margin: float) -> None:
    """A margin of 0 could never be shown, one of 1 always."""
    with pytest.raises(ValidationError, match="margin"):
        Reporting(margin=margin)


def test_a_class_shown_to_students_has_at_least_one_image() -> None:
    """Of none there is nothing to show."""
    with pytest.raises(ValidationError, match="min_class_images"):
        Reporting(min_class_images=0)


def test_more_points_to_pass_than_there_are_is_refused() -> None:
    """Nobody could pass; both numbers are told."""
    with pytest.raises(ValidationError, match=r"pass_points is 3, but all criteria .* only 2"):
        make_rubric("accuracy >= 0.5", "loss <= 1", pass_points=3)


def test_a_rubric_without_criteria_is_refused() -> None:
    """It would let everybody pass."""
    with pytest.raises(ValidationError, match="criteria"):
        Rubric(criteria=())


def test_the_schema_beside_the_package_is_current() -> None:
    """Editors complete what the code reads."""
    path = Path(hidden_test_spec.__file__).with_name("schema.json")
    assert json.loads(path.read_text("utf-8")) == json_schema(), (
        "regenerate it: python -m hidden_test_spec > hidden_test_spec/schema.json"
    )


def test_the_schema_names_every_key_and_allows_no_other() -> None:
    """An editor marks a misspelt key, and a missing one."""
    schema = json_schema()
    expected = ["name", "version", "description", "classes", "layout", "limits", "reporting"]
    assert list(schema["properties"]) == [*expected, "rubric"]
    assert schema["required"] == ["name", "version", "classes", "rubric"]
    tables = [schema, *schema["$defs"].values()]
    assert all(table["additionalProperties"] is False for table in tables)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    """It can be used by itself."""
    schema = json_schema()
    references = re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema))
    assert references
    assert set(references) <= schema["$defs"].keys()


def test_the_pattern_of_a_rule_is_one_that_editors_can_read() -> None:
    """JSON Schema's expressions are ECMAScript's, which don't know Python's named groups."""
    pattern = json_schema()["$defs"]["Criterion"]["properties"]["rule"]["pattern"]
    assert "(?<metric>" in pattern
    assert "(?P" not in pattern

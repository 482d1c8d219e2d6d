"""Numbers have one name in each language."""

from dataclasses import fields
from typing import get_args

from grader.results.scores import ClassScore, UndefinedReason
from grader.words.language import ENGLISH, language_of
from grader.words.metrics import NAMES, MetricKey, metric_name, top_k_name, undefined_reason


def test_every_key_has_a_name_of_its_own() -> None:
    """No two columns look alike."""
    keys: tuple[MetricKey, ...] = get_args(MetricKey)
    assert set(NAMES) == set(keys)
    for language in (ENGLISH, language_of("es")):
        assert len({metric_name(key, language) for key in keys}) == len(keys)


def test_every_number_of_a_class_has_a_name() -> None:
    """Except intervals, which are shown beside their numbers, and the four counts."""
    numbers = {field.name for field in fields(ClassScore)}
    named = {name for name in numbers if not name.endswith("_interval")} - {"one_vs_rest"}
    assert named <= set(NAMES)


def test_the_k_most_probable_classes_are_in_the_name() -> None:
    """In either language."""
    assert top_k_name(3, ENGLISH) == "top-3 accuracy"
    assert top_k_name(3, language_of("es")) == "exactitud top-3"


def test_every_reason_has_words() -> None:
    """Without a full stop."""
    reasons: tuple[UndefinedReason, ...] = get_args(UndefinedReason)
    said = [undefined_reason(reason, ENGLISH) for reason in reasons]
    assert len(set(said)) == len(reasons)
    assert not any(text.endswith(".") for text in said)

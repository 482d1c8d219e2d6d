"""Labels compare after NFC and case folding."""

import unicodedata

import pytest

from hidden_test_spec.labels import colliding_labels, label_key, label_lookup


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cigüeña", unicodedata.normalize("NFD", "cigüeña")),
        ("cigüeña", unicodedata.normalize("NFD", "CIGÜEÑA")),
        ("Straße", "STRASSE"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("\u01f0", "J\u030c"),
        ("\u1fb4", "\u03b1\u0345\u0301"),
    ],
)
def test_spellings_that_differ_in_case_or_form_are_one_label(one: str, other: str) -> None:
    """Decomposed letters as macOS writes them, ß, final sigma, and what folding takes apart."""
    assert label_key(one) == label_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("cigüeña", "ciguena"), ("milano negro", "milano_negro"), ("loro", "loro ")],
)
def test_accents_and_separators_tell_labels_apart(one: str, other: str) -> None:
    """Only aliases can make them one class."""
    assert label_key(one) != label_key(other)


def test_every_spelling_leads_to_its_label() -> None:
    """The label itself and each alias, by their keys."""
    lookup = label_lookup({"Robin": ("petirrojo", "RED breast"), "Wren": ()})
    assert lookup == {
        "robin": "Robin",
        "petirrojo": "Robin",
        "red breast": "Robin",
        "wren": "Wren",
    }


def test_the_first_label_keeps_a_spelling_that_two_claim() -> None:
    """The lookup is the same in every run."""
    assert label_lookup({"robin": ("bird",), "wren": ("BIRD",)})["bird"] == "robin"


def test_collisions_name_the_spelling_and_both_labels() -> None:
    """An alias against a label, after case folding."""
    found = colliding_labels([("Straße", ()), ("road", ("STRASSE",))])
    assert found == (("STRASSE", "Straße", "road"),)


def test_a_label_that_stands_twice_collides_with_itself() -> None:
    """Two classes with one name can't be told apart."""
    assert colliding_labels([("wren", ()), ("wren", ())]) == (("wren", "wren", "wren"),)


def test_an_alias_that_repeats_its_own_label_is_no_collision() -> None:
    """A class may spell itself twice."""
    assert colliding_labels([("Wren", ("wren", "WREN")), ("robin", ())]) == ()

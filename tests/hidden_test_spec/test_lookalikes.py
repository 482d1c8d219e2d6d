import string
import unicodedata

import pytest

from hidden_test_spec.labels import label_key
from hidden_test_spec.lookalikes import (
    appearance_key,
    look_alikes,
    mixes_alphabets,
    odd_characters,
)

CYRILLIC_O = "\N{CYRILLIC SMALL LETTER O}"
DISGUISES = {
    f"l{CYRILLIC_O}r{CYRILLIC_O}": "loro",
    "\N{CYRILLIC CAPITAL LETTER EN}eron": "heron",
    "\N{GREEK CAPITAL LETTER TAU}it": "tit",
    "garz\N{GREEK SMALL LETTER ALPHA}": "garza",
    "st\N{ARMENIAN SMALL LETTER OH}rk": "stork",
    "\N{FULLWIDTH LATIN SMALL LETTER O}wl": "owl",
    "\N{MATHEMATICAL BOLD SMALL O}wl": "owl",
    "\N{LATIN SMALL LETTER DOTLESS I}bis": "ibis",
    "great\N{NO-BREAK SPACE}tit": "great tit",
    "cig\N{CYRILLIC SMALL LETTER U}e\N{COMBINING DIAERESIS}": "cigyë",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_name_in_other_letters_looks_like_the_plain_one(disguise: str) -> None:
    """They look alike although they are different labels."""
    plain = DISGUISES[disguise]

    assert label_key(disguise) != label_key(plain)
    assert appearance_key(disguise) == appearance_key(plain)


def test_the_letters_and_digits_of_ascii_look_like_nothing_else() -> None:
    """A model of handwritten characters may name all of them."""
    keys = {appearance_key(one) for one in string.ascii_lowercase + string.digits}

    assert len(keys) == 36


@pytest.mark.parametrize("alphabet", ["GREEK", "CYRILLIC"])
def test_the_letters_of_one_alphabet_look_like_nothing_else_of_it(alphabet: str) -> None:
    """A model of Greek or Russian letters may name all of them."""
    letters = [chr(one) for one in (*range(0x3B1, 0x3CA), *range(0x430, 0x450))]
    own = [one for one in letters if unicodedata.name(one).startswith(alphabet)]

    assert len(own) > 20
    assert look_alikes(own) == ()


def test_look_alikes_are_grouped_and_equal_labels_are_none() -> None:
    """Case and composition are other questions."""
    disguised = f"l{CYRILLIC_O}ro"
    names = ("loro", "garza", disguised, "Garza", "cig\u00fcen\u0303a", "cigu\u0308e\u00f1a")

    assert look_alikes(names) == (("loro", disguised),)


def test_odd_characters_are_told_by_number_and_name() -> None:
    """Each once, so that a person can find them."""
    assert odd_characters(f"l{CYRILLIC_O}r{CYRILLIC_O}") == ("U+043E CYRILLIC SMALL LETTER O",)
    assert odd_characters("cigüeña") == ()


@pytest.mark.parametrize(
    ("name", "is_mixed"),
    [
        (f"l{CYRILLIC_O}ro", True),
        ("\N{CHEROKEE LETTER GO}wl", True),
        ("\N{CYRILLIC SMALL LETTER ES}\N{CYRILLIC SMALL LETTER O}", False),
        ("cigüeña", False),
        ("T\u6064", False),
        ("n01440764", False),
    ],
)
def test_mixing_is_told_only_of_alphabets_with_look_alikes(name: str, *, is_mixed: bool) -> None:
    """Chinese signs beside Latin letters are plain."""
    assert mixes_alphabets(name) is is_mixed

"""Names that look alike but aren't equal: letters of one alphabet that are drawn like another's.

Only letters that are drawn like a Latin one are known here, and the alphabets that have such
letters.
"""

import unicodedata
from collections.abc import Iterable

from hidden_test_spec.labels import label_key

# Below each string of letters are the Latin ones that they look like.
_DRAWN_AS = (
    # Cyrillic, small: a, ie, o, er, es, u, ha, i, je, dze, shha, komi de, qa, we, palochka, ...
    (
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf",
        "aeopcyxijshdqwl",
    ),
    ("\u0475\u04af\u04bd", "vye"),  # izhitsa, straight u, che
    # Cyrillic, capital: a, ve, ie, ka, em, en, o, er, es, te, u, ha, i, je, dze, qa, we
    (
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405",
        "ABEKMHOPCTYXIJS",
    ),
    ("\u051a\u051c\u0474\u04ae\u04c0\u050c", "QWVYIG"),  # ..., izhitsa, straight u, palochka, sje
    # Greek, small: alpha, gamma, iota, nu, omicron, rho, upsilon, lunate sigma, yot
    ("\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c5\u03f2\u03f3", "ayivopucj"),
    # Greek, capital: alpha, beta, epsilon, zeta, eta, iota, kappa, mu, nu, omicron, rho, tau, ...
    (
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u037f",
        "ABEZHIKMNOPTYXJ",
    ),
    ("\u03f9", "C"),  # capital lunate sigma
    ("\u0585\u0578\u057d\u0570\u0581\u0555\u054d\u054f", "onuhgOUS"),  # Armenian
    ("\u0131\u0251\u0261\u0269", "iagi"),  # Latin letters that look like simpler ones
    ("\u2019\u02bc\u2032\u2010\u2011\u2212", "'''---"),  # apostrophes and hyphens
)
_TABLE = {
    ord(one): latin
    for those, as_latin in _DRAWN_AS
    for one, latin in zip(those, as_latin, strict=True)
}
_ALPHABETS = frozenset(("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"))
_STYLED = ("Lu", "Ll", "Lo", "Lm", "Nd", "Nl")


def appearance_key(name: str) -> str:
    r"""The form in which two names that look alike are equal; it compares as `label_key` does.

    Example:
        >>> appearance_key("l\u043er\u043e") == appearance_key("Loro")
        True
    """
    if name.isascii():
        return label_key(name)
    unstyled = "".join(_unstyled(character) for character in name)
    decomposed = unicodedata.normalize("NFD", unstyled)
    return label_key(decomposed.translate(_TABLE))


def _unstyled(character: str) -> str:
    """A full-width, bold or cursive letter as the plain one, and any space as a plain one."""
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return unicodedata.normalize("NFKC", character) if category in _STYLED else character


def look_alikes(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of names that look alike and are different labels, each group sorted."""
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        groups.setdefault(appearance_key(name), {}).setdefault(label_key(name), name)
    return tuple(tuple(sorted(group.values())) for group in groups.values() if len(group) > 1)


def odd_characters(name: str) -> tuple[str, ...]:
    r"""The characters that look like others, by number and name, each once and in order.

    Example:
        >>> odd_characters("l\u043er\u043e")
        ('U+043E CYRILLIC SMALL LETTER O',)
    """
    odd = [one for one in name if ord(one) in _TABLE or _unstyled(one) != one]
    return tuple(dict.fromkeys(_described(one) for one in odd))


def mixes_alphabets(name: str) -> bool:
    """Whether a name mixes Latin letters with those of an alphabet that has look-alikes of them."""
    if name.isascii():
        return False
    words = (unicodedata.name(one, "").partition(" ")[0] for one in name if one.isalpha())
    alphabets = set(words)
    return "LATIN" in alphabets and bool(alphabets & _ALPHABETS)


def _described(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"

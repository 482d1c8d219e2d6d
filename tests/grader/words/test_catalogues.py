"""Every sentence that a reader meets can be said in every language."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.extract import extract_from_dir

import grader
from grader.results.presentation import LanguageCode
from grader.words.language import read_catalogue

PACKAGE = Path(grader.__file__).parent
KEYWORDS = {"gettext": None, "gettext_noop": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
LANGUAGES = [code for code in get_args(LanguageCode) if code != "en"]


def messages() -> Iterator[tuple[str, ...]]:
    """Singular and, if it has one, plural of each message in code and templates."""
    for _, _, message, _, _ in extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS):
        yield message if isinstance(message, tuple) else (message,)


MESSAGES = sorted(set(messages()))


def forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """Singular and plural of a message or a translation."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def fields(text: str) -> set[str]:
    """The fields in braces."""
    return set(re.findall(r"{(\w*)}", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_translated_with_the_same_fields(
    message: tuple[str, ...], language: str
) -> None:
    """Each of its forms; what counts may be left out of neither."""
    found = CATALOGUES[language].get(message[0])
    assert found is not None
    translated = forms(found.string)
    assert len(translated) == len(message)
    assert all(translated)
    for text in translated:
        assert fields(text) == fields(message[-1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    """A dropped sentence must not leave its translation behind."""
    said = {message[0] for message in MESSAGES}
    known = {forms(message.id)[0] for message in CATALOGUES[language] if message.id}
    assert sorted(known - said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_files_translate_the_same_message(language: str) -> None:
    """So that it is clear where to correct a translation."""
    ids = [
        line
        for path in sorted((PACKAGE / "words" / language).glob("*.po"))
        for line in re.findall(r'^msgid ((?:"[^\n]*"\n)+)', path.read_text("utf-8"), re.MULTILINE)
    ]
    plain = ["".join(re.findall(r'"(.*)"', one)) for one in ids]
    named = [one for one in plain if one]
    assert sorted({one for one in named if named.count(one) > 1}) == []


def test_code_and_templates_have_messages() -> None:
    """Or the tests above would test nothing."""
    said = {message[0] for message in MESSAGES}
    assert {"Verdict", "better", "read in colour", "accuracy", "photos not available"} <= said


CATALOGUES = {language: read_catalogue(PACKAGE / "words" / language) for language in LANGUAGES}


def test_plurals_follow_the_rule_that_the_files_state(tmp_path: Path) -> None:
    """A library that knows more plural forms of a language doesn't move the translations."""
    folder = tmp_path / "es"
    folder.mkdir()
    (folder / "words.po").write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=5; plural=(n > 7);\\n"\n', "utf-8"
    )
    catalogue = read_catalogue(folder)
    assert (catalogue.num_plurals, catalogue.plural_expr) == (5, "(n > 7)")

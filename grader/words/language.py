"""A language: its sentences from the .po files of a folder, its numbers from Babel."""

import functools
import io
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_scientific

from grader.results.presentation import LanguageCode
from grader.results.scores import Interval

MINUS = "−"  # noqa: RUF001 - the real minus sign
UNDEFINED = "–"  # noqa: RUF001 - a dash, as tables have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Texts and numbers in one language. Other languages are keyed by the English sentences."""

    code: LanguageCode
    translations: NullTranslations

    def gettext(self, message: str) -> str:
        """A sentence in this language, with its fields in braces not yet filled in."""
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The singular or plural sentence for a count, with its fields not yet filled in."""
        return self.translations.ngettext(singular, plural, n)

    def number(self, value: float | None, *, n_digits: int = 4) -> str:
        """A number with `n_digits` decimals; a dash where it is undefined."""
        if value is None:
            return UNDEFINED
        decimals = "0" * n_digits
        pattern = f"#,##0.{decimals}" if decimals else "#,##0"
        return str(format_decimal(value, pattern, locale=self.code)).replace("-", MINUS)

    def count(self, n: int | None) -> str:
        """A count with thousands separators; a dash where it is undefined."""
        return self.number(n, n_digits=0)

    def percent(self, value: float | None, *, n_digits: int = 1) -> str:
        """A share as a percentage; a dash where it is undefined."""
        return UNDEFINED if value is None else f"{self.number(value * 100, n_digits=n_digits)} %"

    def change(self, value: float | None, *, n_digits: int = 1) -> str:
        """A signed difference of shares in percentage points, without a unit."""
        if value is None:
            return UNDEFINED
        text = self.number(abs(value) * 100, n_digits=n_digits)
        if not any(digit in text for digit in "123456789"):
            return text
        return ("+" if value > 0 else MINUS) + text

    def power(self, value: float) -> str:
        """A very small number with one decimal and its power of ten."""
        return str(format_scientific(value, "0.0E00", locale=self.code)).lower()

    def interval(self, interval: Interval | None, *, n_digits: int = 1) -> str:
        """An interval of shares in percent; a dash where it is undefined."""
        if interval is None:
            return UNDEFINED
        low, high = (self.number(100 * bound, n_digits=n_digits) for bound in interval)
        return self.gettext("{low} to {high} %").format(low=low, high=high)

    def plain_interval(self, interval: Interval | None, *, n_digits: int = 4) -> str:
        """An interval of numbers other than shares; a dash where it is undefined."""
        if interval is None:
            return UNDEFINED
        low, high = (self.number(bound, n_digits=n_digits) for bound in interval)
        return self.gettext("{low} to {high}").format(low=low, high=high)


def gettext_noop(message: str) -> str:
    """Mark a message in a table for translation."""
    return message


ENGLISH = Language(code="en", translations=NullTranslations())


@functools.cache
def language_of(code: LanguageCode) -> Language:
    """The language of a code, read once."""
    if code == "en":
        return ENGLISH
    return Language(code=code, translations=_translations(Path(__file__).parent / code))


def read_catalogue(folder: Path) -> Catalog:
    """All messages of the .po files of a folder, as one catalogue with their rule of plurals."""
    together = Catalog(locale=folder.name)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=folder.name)
        # Babel's own rule for a language may have other forms than the files were written for.
        together.mime_headers = catalogue.mime_headers
        for message in catalogue:
            if message.id:
                together[message.id] = message
    return together


def _translations(folder: Path) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(folder))
    compiled.seek(0)
    return GNUTranslations(compiled)

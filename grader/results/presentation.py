"""How a report is shown: form, audience and language. Quick to import, for `--help`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

FileForm: TypeAlias = Literal["json", "html", "csv", "junit", "gradescope", "markdown"]
Form: TypeAlias = Literal["text", FileForm]
Audience: TypeAlias = Literal["instructor", "student"]
LanguageCode: TypeAlias = Literal["en", "es"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """How a report is to be shown.

    Attributes:
        form: What is printed on stdout.
        audience: Who it is for; None lets the form decide.
        language: The language of its texts.
        out: Folder to write every form to; None writes nothing.
        photos: The test folder, for thumbnails; None takes the one that was graded.
        has_figures: Whether the folder gets figures.
    """

    form: Form
    audience: Audience | None
    language: LanguageCode
    out: Path | None
    photos: Path | None = None
    has_figures: bool = True

"""How a report may be shown: in which form, to whom, in which language. Light, for `--help`."""

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
        form: What goes to stdout.
        audience: Whom it is for; None leaves that to the form.
        language: In which language.
        out: Where to write it in every form; None writes nothing.
        photos: The test folder, for thumbnails; None takes the one that was graded.
    """

    form: Form
    audience: Audience | None
    language: LanguageCode
    out: Path | None
    photos: Path | None = None

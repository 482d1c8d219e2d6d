"""The report as one HTML file that needs nothing else: no network, no other file.

Every name is escaped, including control characters, and a Content-Security-Policy lets only the
page's own script run. Equal reports and photos give equal pages.
"""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from grader.reports.html.galleries import Card, Gallery, cards, galleries, photo_order
from grader.reports.html.photo_data import photo_json, photo_states
from grader.reports.html.templates import FOLDER, environment, models_of
from grader.reports.html.thumbnails import Budget, PhotoState, Thumbnail, thumbnails
from grader.results.report import Evidence, GradeReport
from grader.words.language import Language

_DEFAULT_BUDGET = Budget()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photos:
    """Everything about individual images that an instructor's page shows."""

    cards: tuple[Card, ...]
    thumbnails: tuple[Thumbnail, ...]
    galleries: tuple[Gallery, ...]
    n_by_state: Counter[PhotoState]
    states: dict[PhotoState, str]
    data: Markup


def report_html(
    report: GradeReport,
    *,
    language: Language,
    photos: Path | None,
    budget: Budget = _DEFAULT_BUDGET,
) -> str:
    """The report as one page.

    Args:
        report: Either edition; a student's has no photos.
        language: The reader's.
        photos: The test folder. A photo is shown only if it is the file that was graded.
        budget: How much its photos may take; by default the page stays below 15 MB.
    """
    style, script = (Markup((FOLDER / name).read_text("utf-8")) for name in ("page.css", "page.js"))  # noqa: S704 - our own files
    template = environment(language).get_template("page.html.j2")
    evidence = report.evidence
    return template.render(
        report=report,
        models=models_of(report),
        photos=None if evidence is None else _photos(report, evidence, photos, language, budget),
        style=style,
        script=script,
        style_hash=_hash_source(style),
        script_hash=_hash_source(script),
    )


def _photos(
    report: GradeReport,
    evidence: Evidence,
    folder: Path | None,
    language: Language,
    budget: Budget,
) -> _Photos:
    all_cards = cards(evidence)
    shown = galleries(report, evidence)
    made = thumbnails(folder, evidence.scored, order=photo_order(all_cards, shown), budget=budget)
    return _Photos(
        cards=all_cards,
        thumbnails=made,
        galleries=shown,
        n_by_state=Counter(one.state for one in made),
        states=photo_states(language),
        data=photo_json(report.test_set.classes, all_cards, made, language),
    )


def _hash_source(text: str) -> str:
    """A Content-Security-Policy source that allows exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")

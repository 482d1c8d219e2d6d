"""The report as one HTML file that needs nothing else: no network, no other file.

Every name is escaped, including control characters, and a Content-Security-Policy lets only the
page's own script run. Equal reports and photos give equal pages.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from grader.reports.html.galleries import Card, Gallery, cards, galleries, photo_order
from grader.reports.html.overview import Confusion, shown_mistakes, top_confusion
from grader.reports.html.photo_data import Pictures, photo_json, photo_states
from grader.reports.html.templates import ASSETS, environment, models_of
from grader.reports.html.thumbnails import LARGE, Budget, PhotoState, Thumbnail, thumbnails
from grader.results.report import Evidence, GradeReport
from grader.words.language import Language

_DEFAULT_BUDGET = Budget()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photos:
    """Everything about individual images that an instructor's page shows.

    `mistakes` are the positions of the images that the first screen shows.
    """

    cards: tuple[Card, ...]
    mistakes: tuple[int, ...]
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
    style, script = (Markup((ASSETS / name).read_text("utf-8")) for name in ("page.css", "page.js"))  # noqa: S704 - our own files
    template = environment(language).get_template("page.html.j2")
    evidence = report.evidence
    all_cards = () if evidence is None else cards(evidence)
    confusion = top_confusion(report, all_cards)
    shown = None
    if evidence is not None:
        place = _Place(folder=photos, budget=budget, language=language)
        shown = _photos(report, evidence, all_cards, confusion, place)
    return template.render(
        report=report,
        models=models_of(report),
        confusion=confusion,
        photos=shown,
        style=style,
        script=script,
        style_hash=_hash_source(style),
        script_hash=_hash_source(script),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where photos come from, how much of the page they may take, and its language."""

    folder: Path | None
    budget: Budget
    language: Language


def _photos(
    report: GradeReport,
    evidence: Evidence,
    all_cards: tuple[Card, ...],
    confusion: Confusion | None,
    place: _Place,
) -> _Photos:
    shown = galleries(report, evidence)
    mistakes = shown_mistakes(shown, confusion)
    first = (*mistakes, *(() if confusion is None else confusion.positions))
    pictures = _pictures(evidence, photo_order(all_cards, shown, first=first), place)
    return _Photos(
        cards=all_cards,
        mistakes=mistakes,
        thumbnails=tuple(pictures.thumbnails),
        galleries=shown,
        n_by_state=Counter(one.state for one in pictures.thumbnails),
        states=photo_states(place.language),
        data=photo_json(
            report.test_set.classes,
            all_cards,
            pictures,
            evidence.explanations,
            language=place.language,
        ),
    )


def _pictures(evidence: Evidence, positions: Iterable[int], place: _Place) -> Pictures:
    """Thumbnails of the most important photos, and the first of these again, larger."""
    order = tuple(positions)
    small = thumbnails(place.folder, evidence.scored, order=order, budget=place.budget)
    shown = [position for position in order if small[position].state == "shown"]
    large = thumbnails(place.folder, evidence.scored, order=shown[: LARGE.n_photos], budget=LARGE)
    return Pictures(
        thumbnails=small,
        large=tuple(
            Thumbnail(state="left_out") if one.uri == tiny.uri else one
            for one, tiny in zip(large, small, strict=True)
        ),
    )


def _hash_source(text: str) -> str:
    """A Content-Security-Policy source that allows exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")

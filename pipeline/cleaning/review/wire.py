"""What the page and its server send each other, as JSON."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hidden_test_spec.images import display_name
from pipeline.cleaning.audit.findings import Finding, Kind
from pipeline.cleaning.quarantine.entries import Decision
from pipeline.cleaning.review.album import Album, Subject
from pipeline.cleaning.review.reviewing import Outcome, Wish


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _WishText(_Frozen):
    """One wish of a request."""

    photo: int
    decision: Decision
    label: int | None = None


class WishesText(_Frozen):
    """The body of a request to decide."""

    wishes: Annotated[tuple[_WishText, ...], Field(min_length=1)]

    def values(self) -> tuple[Wish, ...]:
        """The wishes."""
        return tuple(
            Wish(photo=one.photo, decision=one.decision, label=one.label) for one in self.wishes
        )


# On a card there is room for two or three words.
_WORDS: dict[Kind, str] = {
    "corrupt": "can't be decoded",
    "mistyped": "wrong ending",
    "exact_duplicate": "same picture",
    "near_duplicate": "near copy",
    "mirrored_duplicate": "mirrored copy",
    "label": "label in doubt",
    "outlier": "outlier",
    "too_small": "too small",
    "dark": "dark",
    "blurry": "blurry",
    "odd_aspect": "odd shape",
}


def album_json(album: Album, outcome: Outcome, skipped: tuple[str, ...]) -> bytes:
    """Everything that the page shows, and what has been decided.

    Names are for reading only: bytes that aren't UTF-8 are replaced in them.

    Args:
        album: The photos.
        outcome: The statuses of those about which something was decided.
        skipped: Why checks were left out, one sentence each.
    """
    document = {
        "labels": [display_name(label) for label in album.labels],
        "kinds": _WORDS,
        "skipped": [display_name(sentence) for sentence in skipped],
        "photos": [_subject(subject) for subject in album.subjects],
        "groups": album.groups,
        "outcome": _outcome(outcome),
    }
    return _encoded(document)


def outcome_json(outcome: Outcome) -> bytes:
    """The result of a request."""
    return _encoded(_outcome(outcome))


def error_json(message: str) -> bytes:
    """Why a request wasn't carried out."""
    return _encoded({"error": display_name(message)})


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "statuses": [
            {"photo": one.photo, "decision": one.decision, "label": display_name(one.label)}
            for one in outcome.statuses
        ],
        "n_entries": outcome.n_entries,
        "can_undo": outcome.can_undo,
        "can_redo": outcome.can_redo,
    }


def _subject(subject: Subject) -> dict[str, Any]:
    guess = subject.guess
    return {
        "name": display_name(subject.origin.partition("/")[2]),
        "origin": display_name(subject.origin.partition("/")[0]),
        "label": display_name(subject.label),
        "section": display_name(subject.section),
        "size": subject.size_px,
        "guess": None
        if guess is None
        else {"label": display_name(guess.label), "probability": round(guess.probability, 4)},
        "findings": [_finding(finding) for finding in subject.findings],
        "group": subject.group,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "score": round(finding.score, 4),
        "reason": display_name(finding.reason),
    }

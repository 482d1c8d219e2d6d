"""The data for a page's script: the answers on every image, and each thumbnail once."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.reports.html.galleries import Answer, Card
from grader.reports.html.thumbnails import PhotoState, Thumbnail
from grader.results.explanations import ExplainedAnswer, Explanation
from grader.words.language import Language, gettext_noop
from hidden_test_spec.errors import plain

_STATES: dict[PhotoState, str] = {
    "no_folder": gettext_noop("photos not available"),
    "missing": gettext_noop("no such file in the folder"),
    "changed": gettext_noop("not the file that was graded"),
    "broken": gettext_noop("this photo can't be shown"),
    "left_out": gettext_noop("left out, to keep the page small"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The photos of a page, one of each kind for each image, shown or not.

    Attributes:
        thumbnails: Small ones.
        large: Those that open large.
    """

    thumbnails: Sequence[Thumbnail]
    large: Sequence[Thumbnail]


# What would end a script element or a line of script, as JSON may write it.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def photo_json(
    labels: Sequence[str],
    cards: Sequence[Card],
    pictures: Pictures,
    explanations: Sequence[Explanation],
    *,
    language: Language,
) -> Markup:
    """A JSON document that is safe inside a script element.

    An image is [name, class, candidate's answer, baseline's answer or null]. An answer is a list of
    classes, each followed by its probability in thousandths: the predicted class first, then the
    most probable others, then the true class if it is not among them. A heat map is [the region's
    four edges, rows, columns, one byte for each part in base64].
    """
    made = pictures.thumbnails
    rows = {card.name: row for row, card in enumerate(cards)}
    heat = {rows[one.image]: _heat(one) for one in explanations if one.image in rows}
    document = {
        "labels": [plain(label) for label in labels],
        "images": [
            [plain(card.name), card.target, _answer(card.candidate), _answer(card.baseline)]
            for card in cards
        ],
        "photos": {row: one.uri for row, one in enumerate(made) if one.state == "shown"},
        "large": {row: one.uri for row, one in enumerate(pictures.large) if one.state == "shown"},
        "heat": heat,
        "states": {
            row: one.state for row, one in enumerate(made) if one.state not in {"shown", "left_out"}
        },
        "words": {
            "reasons": photo_states(language),
            "photo": language.gettext("Photo of the class {label}"),
            "first": language.gettext("The first {n} of {total}; those with a photo come first."),
            "place": language.gettext("{n} of {total}"),
        },
    }
    text = json.dumps(document, separators=(",", ":")).translate(_ESCAPES)
    return Markup(text)  # noqa: S704 - escaped for a script element


def photo_states(language: Language) -> dict[PhotoState, str]:
    """The text in place of a photo that isn't shown."""
    return {state: language.gettext(message) for state, message in _STATES.items()}


def _heat(explanation: Explanation) -> dict[str, list[object]]:
    answers = {"candidate": explanation.candidate, "baseline": explanation.baseline}
    return {model: _heat_of(one) for model, one in answers.items() if one is not None}


def _heat_of(answer: ExplainedAnswer) -> list[object]:
    region, heat = answer.region, answer.heat_map.heat
    edges = [region.left, region.top, region.right, region.bottom]
    content = base64.b64encode(bytes(value for row in heat for value in row)).decode("ascii")
    return [edges, len(heat), len(heat[0]), content]


def _answer(answer: Answer | None) -> list[int] | None:
    if answer is None:
        return None
    return [number for index, share in answer.shares for number in (index, round(1000 * share))]

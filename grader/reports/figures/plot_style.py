"""What all figures share: colours, one font, labels that it can draw, and files without dates.

Colours are Okabe and Ito's, which colour-blind people can tell apart.
"""

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font

from hidden_test_spec.errors import plain

CANDIDATE_COLOUR, BASELINE_COLOUR = "#0072B2", "#D55E00"
CANDIDATE_MARKER, BASELINE_MARKER = "o", "D"
WITHHELD_COLOUR = "#DDDDDD"
_MAX_LABEL_CHARS = 28
_MAX_SIDE_IN = 24.0
_POINTS_PER_INCH = 72
_FONT = "DejaVu Sans"
_SETTINGS = {
    "font.family": _FONT,
    "figure.dpi": 120,
    "savefig.dpi": 120,
    "svg.hashsalt": "grader",
    "text.parse_math": False,  # a "$" in a name is only a character
    "text.usetex": False,
}
_METADATA = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw and save the same on every machine, regardless of its matplotlib settings."""
    with style.context(["default", _SETTINGS]):
        yield


def encoded(figure: Figure) -> dict[str, bytes]:
    """The figure's files by their ending; the same figure gives the same bytes."""
    files = {}
    for ending, metadata in _METADATA.items():
        file = io.BytesIO()
        figure.savefig(file, format=ending, metadata=metadata)
        files[ending] = file.getvalue()
        figure.set_layout_engine("none")  # the next file keeps this layout
    return files


def shown(label: str) -> str:
    """A label that fits: undrawable characters are escaped, and a long label is cut."""
    name = "".join(
        char if ord(char) in _characters() else char.encode("unicode_escape").decode()
        for char in plain(label)
    )
    return name if len(name) <= _MAX_LABEL_CHARS else name[: _MAX_LABEL_CHARS - 1] + "…"


@functools.cache
def _characters() -> frozenset[int]:
    """What the font that comes with matplotlib can draw."""
    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return frozenset(get_font(path).get_charmap())


def side_in(n_classes: int, *, least: float, per_class: float) -> float:
    """Inches that `n_classes` classes take, up to a limit."""
    return min(least + per_class * n_classes, _MAX_SIDE_IN)


def name_size(n_classes: int, *, side: float) -> float:
    """Font size in points at which `n_classes` names fit along a side given in inches."""
    return max(1.0, min(10.0, 0.75 * side * _POINTS_PER_INCH / n_classes))

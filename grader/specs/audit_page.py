"""An `Audit` as one page with the pairs side by side; also writes both files of an audit's folder.

The page contains its pictures and its style, runs no script and makes no requests.
"""

import base64
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from grader.errors import write_errors
from grader.specs.audits import Audit, AuditedImage, Finding
from grader.specs.views import audit_json, image_words, kind_words, sections, summary_lines
from hidden_test_spec.durable import write_atomically
from hidden_test_spec.errors import plain, quote
from hidden_test_spec.images import display_name
from hidden_test_spec.pictures import open_picture

# Two pictures of about 6 KB each: a page of a few MB, which a browser still shows at once.
_MAX_PAIRS = 300
_SIDE_PX = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One picture of a pair: a data URI, or None if there is no picture to show."""

    picture: str | None
    label: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two pictures and what they share; `is_across` is set where their section doesn't say so."""

    words: str
    is_across: bool
    sides: tuple[_Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A title with its pairs, as many as the page has room for."""

    title: str
    n_findings: int
    pairs: tuple[_Pair, ...]


def audit_html(audit: Audit, *, max_pairs: int = _MAX_PAIRS) -> str:
    """The audit as one HTML page.

    Args:
        audit: What was found. The images it names are opened again, for their thumbnails.
        max_pairs: The most pairs that are shown in all.
    """
    shown = []
    n_free = max_pairs
    for title, findings in sections(audit):
        pairs = tuple(_pair(finding) for finding in findings[:n_free])
        n_free -= len(pairs)
        shown.append(_Section(title=title, n_findings=len(findings), pairs=pairs))
    environment = Environment(
        loader=PackageLoader("grader", "specs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("audit.html.j2").render(
        title=quote(display_name(audit.root.resolve().name)),
        summary=summary_lines(audit),
        unreadable=audit.unreadable,
        sections=shown,
    )


def write_audit(audit: Audit, out: Path) -> tuple[Path, ...]:
    """Write audit.json and audit.html into a folder, which is made if it is missing.

    Returns:
        The paths of the two files. Those of an earlier audit are replaced.

    Raises:
        BadInputError: If they can't be written.
        MachineError: If the disk is full.
    """
    texts = {"audit.json": audit_json(audit), "audit.html": audit_html(audit)}
    with write_errors(out, option="--out"):
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_atomically(out / name, text)
    return tuple(out / name for name in texts)


def _pair(finding: Finding) -> _Pair:
    return _Pair(
        words=kind_words(finding),
        is_across=finding.across_classes is True and finding.source is not None,
        sides=tuple(_side(image) for image in (finding.image, finding.other)),
    )


def _side(image: AuditedImage) -> _Side:
    return _Side(
        picture=None if image.path is None else _thumbnail(image.path),
        label=None if image.label is None else plain(image.label),
        words=image_words(image),
    )


def _thumbnail(path: Path) -> str | None:
    """A small JPEG as a data URI; None where the image can't be decoded."""
    written = io.BytesIO()
    try:
        with warnings.catch_warnings(action="ignore"), open_picture(path) as image:
            small = image.convert("RGB")
        small.thumbnail((_SIDE_PX, _SIDE_PX))
        small.save(written, "JPEG", quality=80)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return "data:image/jpeg;base64," + base64.b64encode(written.getvalue()).decode("ascii")

"""An audit as one page that needs nothing else: no script, no font, no image from elsewhere."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from hidden_test_spec.images import display_name
from pipeline.cleaning.audit.findings import KINDS, Audit, Finding, Kind
from pipeline.cleaning.audit.thumbnails import data_address

# More would make the page too large for a browser; the JSON and the CSV list all.
_MOST_SHOWN = 500
_SIDE_PX = 160
_TITLES: dict[Kind, str] = {
    "corrupt": "Files that can't be decoded",
    "mistyped": "Files with the ending of another format",
    "exact_duplicate": "The same picture twice",
    "near_duplicate": "Nearly the same picture",
    "mirrored_duplicate": "The same picture, mirrored",
    "label": "Labels to check",
    "outlier": "Drawings and other outliers",
    "too_small": "Too small",
    "dark": "Dark",
    "blurry": "Blurry",
    "odd_aspect": "Odd shape",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """One image of a card: its class folder, its name, and its thumbnail (None if unreadable)."""

    folder: str
    file: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """One finding as it is shown."""

    pictures: tuple[_Picture, ...]
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The findings of one kind; `n_found` also counts those that aren't shown."""

    kind: Kind
    title: str
    n_found: int
    cards: tuple[_Card, ...]


def audit_html(audit: Audit) -> str:
    """The findings with thumbnails, as a complete HTML document."""
    environment = Environment(
        loader=PackageLoader("pipeline.cleaning", "audit"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = []
    for kind in KINDS:
        found = [finding for finding in audit.findings if finding.kind == kind]
        if found:
            cards = tuple(_card(audit, finding) for finding in found[:_MOST_SHOWN])
            sections.append(
                _Section(kind=kind, title=_TITLES[kind], n_found=len(found), cards=cards)
            )
    return environment.get_template("audit.html.j2").render(
        folder=display_name(audit.root.name),
        n_images=len(audit.photos),
        n_findings=len(audit.findings),
        sections=sections,
        skipped=audit.skipped,
    )


def _card(audit: Audit, finding: Finding) -> _Card:
    pictures = tuple(_picture(audit, image) for image in finding.images)
    return _Card(pictures=pictures, score=finding.score, reason=display_name(finding.reason))


def _picture(audit: Audit, image: str) -> _Picture:
    folder, _, file = display_name(image).partition("/")
    address = data_address(audit.root / image, side_px=_SIDE_PX)
    return _Picture(folder=folder, file=file, address=address)

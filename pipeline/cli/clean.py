"""The commands that look at photos before training, and clean them: audit, clean, restore.

The libraries that do the work are imported by the command that needs them.
"""

import shlex
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_test_spec.errors import list_faults, quote
from pipeline.cleaning.audit.findings import MIN_SIDE_PX
from pipeline.cli.console import edge
from pipeline.cli.options import Out, Seed
from pipeline.progress import Report

if TYPE_CHECKING:
    from pipeline.cleaning.audit.auditing import AuditSettings
    from pipeline.cleaning.quarantine.planning import Trees

_Images = Annotated[Path, typer.Argument(help="Folder with one folder of images per class.")]
_MinSide = Annotated[
    int,
    typer.Option(
        "--min-side", min=1, help="Photos whose smaller side is below this are too small."
    ),
]
_QuarantineOption = Annotated[
    Path | None,
    typer.Option(
        "--quarantine",
        help="Folder for removed photos, on the same disk; IMAGES-quarantine beside the images if "
        "left out.",
    ),
]


def audit(
    images: _Images,
    *,
    out: Out,
    min_side: _MinSide = MIN_SIDE_PX,
    seed: Seed = 5,
) -> None:
    """Check photos for damage, copies, wrong labels and outliers; change nothing."""
    with edge() as report:
        from pipeline.cleaning.audit.auditing import AuditSettings, audit_images
        from pipeline.cleaning.audit.memory import default_memory
        from pipeline.cleaning.audit.reporting import audit_lines, write_audit
        from pipeline.folders import check_new, check_outside

        check_new(out)
        check_outside(out, images)
        settings = AuditSettings(min_side_px=min_side, seed=seed, memory=default_memory())
        found = audit_images(images, settings, report)
        write_audit(found, out)
        for line in audit_lines(found):
            report(line)
    typer.echo(out)


def clean(  # noqa: PLR0913 - Typer reads one option from each parameter
    images: _Images,
    *,
    auto: Annotated[
        bool,
        typer.Option("--auto", help="Remove what an audit is very sure of, without asking."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and change nothing.")
    ] = False,
    quarantine: _QuarantineOption = None,
    min_side: _MinSide = MIN_SIDE_PX,
    seed: Seed = 5,
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, help="Port of the page; 0 means any free one."),
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Review photos on a page in a browser, or remove the bad ones with --auto.

    Removed photos go into a quarantine, from which pipeline restore puts them back.
    """
    if dry_run and not auto:
        raise typer.BadParameter("it can only be used with --auto", param_hint="--dry-run")
    with edge() as report:
        from pipeline.cleaning.audit.auditing import AuditSettings
        from pipeline.cleaning.audit.memory import default_memory

        settings = AuditSettings(min_side_px=min_side, seed=seed, memory=default_memory())
        trees = _trees(images, quarantine)
        if auto:
            _clean(trees, settings, report, is_dry_run=dry_run)
        else:
            _review(trees, settings, report, port=port, is_opened=browser)


def _clean(trees: "Trees", settings: "AuditSettings", report: Report, *, is_dry_run: bool) -> None:
    from pipeline.cleaning.quarantine.removing import clean_automatically

    choices = clean_automatically(trees, settings, report, _now, is_dry_run=is_dry_run)
    if choices and not is_dry_run:
        report(f"Removed to {trees.quarantine}: {_photos(len(choices))}")
    for choice in choices:
        typer.echo(f"{choice.place.path}: {choice.reason}")
    if not choices:
        typer.echo("nothing to remove")
    elif is_dry_run:
        report(f"Would be removed to {trees.quarantine}: {_photos(len(choices))}")


def _review(
    trees: "Trees", settings: "AuditSettings", report: Report, *, port: int, is_opened: bool
) -> None:
    from pipeline.folders import JOURNAL_NAME
    from pipeline.libraries import load_library

    for library in ("fasthtml", "uvicorn"):
        load_library(library)
    from pipeline.cleaning.review.serving import listening, open_desk, serve

    def announce(address: str) -> None:
        typer.echo(address)
        report("Only this machine can open the page. Ctrl-C ends it; every decision is kept.")
        if is_opened:
            webbrowser.open(address)

    with (
        listening(port) as listener,
        open_desk(trees, settings, report, _now, by="pipeline clean") as desk,
    ):
        serve(desk, listener, announce)
    report(f"The decisions are in {trees.quarantine / JOURNAL_NAME}")
    report(f"To put photos back: pipeline restore {shlex.quote(str(trees.images))}")


def restore(
    images: _Images,
    photos: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to put back: the original CLASS_FOLDER/FILE, or a class folder for all of "
            "its photos. With neither this nor --all, the photos are listed."
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Put every photo back.")] = False,
    quarantine: _QuarantineOption = None,
) -> None:
    """Put back photos that were removed or moved to another class."""
    if photos and everything:
        raise typer.BadParameter("it can't be used with names of photos", param_hint="--all")
    with edge() as report:
        from pipeline.cleaning.quarantine.quarantine import check_begun, open_quarantine
        from pipeline.cleaning.quarantine.restoring import away
        from pipeline.cleaning.quarantine.restoring import restore as put_back
        from pipeline.errors import BadInputError
        from pipeline.folders import JOURNAL_NAME

        trees = _trees(images, quarantine)
        check_begun(trees)
        with open_quarantine(trees, report, _now, by="pipeline restore") as opened:
            if not photos and not everything:
                standings = away(opened.state)
                report(f"Removed or moved: {_photos(len(standings))}")
                for standing in standings:
                    typer.echo(f"{standing.origin}: {standing.reason}")
                return
            restored = put_back(opened, photos)
        report(f"Put back: {_photos(len(restored.back))}")
        for standing in restored.back:
            typer.echo(f"{standing.origin}: {standing.place.path}")
        if restored.gone:
            files = [f"{quote(origin)}: {quote(str(file))}" for origin, file in restored.gone]
            raise BadInputError(
                what="Not put back, since the file is not where the journal says it is:"
                f"{list_faults(files)}",
                where=str(trees.quarantine / JOURNAL_NAME),
                advice="find these files yourself, and put each where the journal says or where it "
                "was originally; all others were put back",
            )


def _trees(images: Path, quarantine: Path | None) -> "Trees":
    from pipeline.cleaning.quarantine.planning import Trees
    from pipeline.cleaning.quarantine.quarantine import default_quarantine

    return Trees(images=images, quarantine=quarantine or default_quarantine(images))


def _now() -> datetime:
    return datetime.now(UTC)


def _photos(count: int) -> str:
    return f"{count} photo{'s' if count != 1 else ''}"

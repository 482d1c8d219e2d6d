"""The commands about the test set itself: `grader spec seal`, `verify` and the like."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.console import (
    BAD_INPUT,
    BELOW_RUBRIC,
    Format,
    errors_as_exit_codes,
    print_text,
    say,
)

if TYPE_CHECKING:
    from hidden_test_spec.spec import Spec

spec_app = typer.Typer(
    help="Draft a spec from a folder; seal, verify and audit a test set.", no_args_is_help=True
)

_NAME_PATTERN = r"[a-z0-9][a-z0-9_-]*"
_DIR_HELP = "The test folder: DIR/<label>/<image>."
_SPEC_HELP = "A built-in spec (birds, digits) or a TOML file; needed if folders are named by "
"aliases."


def _check_name(name: str | None) -> str | None:
    if name is not None and re.fullmatch(_NAME_PATTERN, name) is None:
        raise typer.BadParameter(
            "use lowercase letters, digits, - and _, beginning with a letter or digit"
        )
    return name


@spec_app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_DIR_HELP)],
    *,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("spec.toml"),
    name: Annotated[
        str | None,
        typer.Option(callback=_check_name, help="Its short name. Default: made from the folder's."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Draft a spec from the class folders of DIR, to be edited.

    Labels, file endings and limits are taken from DIR; the rubric is a guess, with comments.

    Exit codes: 0 written, 2 wrong usage, 3 bad input.
    """
    with errors_as_exit_codes():
        from grader.specs.drafting import draft_spec, write_draft
        from grader.specs.views import draft_text

        draft = draft_spec(folder, name=name)
        write_draft(draft, out, is_replaced=force)
    print_text(draft_text(draft))
    say(f"Wrote {out}")


@spec_app.command()
def seal(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_DIR_HELP)],
    *,
    spec: Annotated[str | None, typer.Option(help=_SPEC_HELP)] = None,
    out: Annotated[Path, typer.Option(help="The file to publish.")] = Path("seal.json"),
    key: Annotated[Path, typer.Option(help="The file to keep secret until the deadline.")] = Path(
        "seal-key.json"
    ),
    output_format: Annotated[
        Format, typer.Option("--format", help="What to print on stdout.")
    ] = Format.TEXT,
) -> None:
    """Record what DIR promises without revealing it.

    The seal holds the counts per class and a salted SHA-256 over names, labels and files. Publish
    it before the deadline. The key names every image: show it afterwards, for `grader spec verify`.

    Exit codes: 0 sealed, 2 wrong usage, 3 bad input, 6 this machine can't.
    """
    with errors_as_exit_codes():
        import datetime as dt
        import secrets

        from grader.cli.progress import progress
        from grader.specs.sealing import seal_folder, write_seal
        from grader.specs.views import seal_text

        with progress(say, doing="Hashing", done="Hashed") as on_progress:
            made, made_key = seal_folder(
                folder,
                spec=_spec(spec),
                salt=secrets.token_hex(32),
                created=dt.datetime.now(dt.UTC).date(),
                on_progress=on_progress,
            )
        write_seal(made, out, key=made_key, key_path=key)
    if output_format is Format.JSON:
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
    else:
        print_text(seal_text(made))
    say(f"Wrote {out} to publish, and {key} to keep")


@spec_app.command()
def verify(  # noqa: PLR0913 - one parameter for each option of the command
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help=_DIR_HELP, show_default=False)
    ] = None,
    *,
    seal: Annotated[Path, typer.Option(help="The seal that was published.")],
    key: Annotated[Path, typer.Option(help="The key that belongs to it.")],
    report: Annotated[
        Path | None, typer.Option(help="A report.json from `grader evaluate`, instead of DIR.")
    ] = None,
    spec: Annotated[str | None, typer.Option(help="The spec that DIR was sealed with.")] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="What to print on stdout.")
    ] = Format.TEXT,
) -> None:
    """Show that the images of DIR, or of a report, are those that were promised.

    Before the deadline only the seal is known, and it names no image. Afterwards the key is shown:
    it reproduces the seal's SHA-256 only with the names, labels and files that were sealed.

    Exit codes: 0 the promise is kept, 2 wrong usage, 3 it is not kept, or bad input.
    """
    if (folder is None) == (report is None):
        raise typer.BadParameter("pass either DIR or --report")
    with errors_as_exit_codes():
        from grader.cli.progress import progress
        from grader.specs.verifying import read_promise, verify_folder, verify_report
        from grader.specs.views import verification_json, verification_text

        promise = read_promise(seal, key)
        if report is not None:
            found = verify_report(promise, report)
        elif folder is not None:
            contract = _spec(spec)
            with progress(say, doing="Hashing", done="Hashed") as on_progress:
                found = verify_folder(promise, folder, spec=contract, on_progress=on_progress)
    if output_format is Format.JSON:
        sys.stdout.write(verification_json(found))
    else:
        print_text(verification_text(found))
    if not found.is_kept:
        raise typer.Exit(BAD_INPUT)


@spec_app.command()
def audit(  # noqa: PLR0913 - one parameter for each option of the command
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_DIR_HELP)],
    *,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="Training data: a folder of images, an export with the record that `pipeline` "
            "wrote beside it, or that record. May be repeated.",
        ),
    ] = None,
    spec: Annotated[str | None, typer.Option(help=_SPEC_HELP)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for audit.json and audit.html.")] = None,
    max_distance: Annotated[
        int,
        typer.Option(
            min=0,
            max=16,
            help="How many of 64 bits may differ between near copies. 8 suits photos; drawings "
            "that are all alike, such as digits, need 0 to 2.",
        ),
    ] = 8,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 5 on any finding.")] = False,
    output_format: Annotated[
        Format, typer.Option("--format", help="What to print on stdout.")
    ] = Format.TEXT,
) -> None:
    """Find photos that are in DIR twice, and photos in DIR that were trained on.

    A copy has the same bytes, pixels or picture, even mirrored; resized, recompressed and slightly
    cropped ones count. A record beside an export has only one hash of each picture, so only closer
    copies are found there, and nothing confirms them. Its parts train and val count as training
    data.

    Exit codes: 0 audited, whatever was found, 2 wrong usage, 3 bad input, 5 with --strict if
    anything was found or can't be decoded, 6 this machine can't.
    """
    with errors_as_exit_codes():
        from grader.cli.progress import progress
        from grader.specs.audit_page import write_audit
        from grader.specs.auditing import AuditRequest, audit_folder
        from grader.specs.views import audit_json, audit_text

        request = AuditRequest(
            root=folder,
            against=tuple(against or ()),
            spec=_spec(spec),
            max_distance=max_distance,
        )
        with progress(say, doing="Hashing", done="Hashed") as on_progress:
            found = audit_folder(request, on_progress=on_progress)
        for path in () if out is None else write_audit(found, out):
            say(f"Wrote {path}")
    if output_format is Format.JSON:
        sys.stdout.write(audit_json(found))
    else:
        print_text(audit_text(found))
    if strict and (found.findings or found.unreadable):
        raise typer.Exit(BELOW_RUBRIC)


def _spec(source: str | None) -> "Spec | None":
    from hidden_test_spec.reading import read_spec

    return None if source is None else read_spec(source)

"""The command line: arguments in, paths to stdout, progress to stderr, exit code out.

The libraries that do the work are imported by the command that needs them, so that --help answers
at once.
"""

from typing import Annotated

import typer

from pipeline.cli import clean, export, train, tune
from pipeline.cli.console import edge
from pipeline.cli.options import Out
from pipeline.cli.scrape import scrape
from pipeline.cli.split import split

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Train an image classifier in two stages on photos in class folders, and export both.",
)

app.command()(scrape)
app.command()(clean.audit)
app.command()(clean.clean)
app.command()(clean.restore)
app.command()(split)
app.command()(train.train)
app.command()(train.run)
app.command("find-lr")(tune.find_lr)
app.command()(tune.sweep)
app.command()(export.export)


@app.command()
def digits(
    *,
    out: Out,
    per_class: Annotated[
        int | None,
        typer.Option("--per-class", min=1, help="Digits of each class; all if left out."),
    ] = None,
) -> None:
    """Write real handwritten digits as images into class folders, to try things out."""
    with edge() as report:
        from pipeline.digits import write_digits

        report(f"{write_digits(out, per_class=per_class)} images of ten classes")
    typer.echo(out)


def main() -> None:
    """Run the command line; the process ends with the exit code."""
    app()

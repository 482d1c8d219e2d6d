"""The command `pipeline split`: divide photos, or look for leaks in what was divided elsewhere.

The libraries that do the work are imported by the command that needs them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.cli.console import edge
from pipeline.cli.options import Ratio, Seed, StrictDocument
from pipeline.splitting.settings import DOCUMENT_RATIO, SplitMethod, SplitSettings

if TYPE_CHECKING:
    from pipeline.splitting.leaks import LeakSearch


def split(  # noqa: PLR0913 - Typer reads one option from each parameter
    context: typer.Context,
    images: Annotated[
        Path | None, typer.Argument(help="Folder with one folder of images per class.")
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to create; it must not exist, or must be empty."),
    ] = None,
    seed: Seed = 5,
    ratio: Ratio = DOCUMENT_RATIO,
    strict_document: StrictDocument = False,
    link: Annotated[
        bool, typer.Option("--link", help="Make hard links to the images instead of copies.")
    ] = False,
    folds: Annotated[
        int | None,
        typer.Option("--folds", min=2, help="Divide for cross-validation, with this many folds."),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            "--verify",
            metavar="DATASET",
            help="Only look for photos that more than one part of a data set holds; exit with "
            "3 if there are any.",
        ),
    ] = None,
) -> None:
    """Divide images into train, val and test, keeping copies of one photo on one side."""
    if verify is not None:
        if images is not None or out is not None:
            raise typer.BadParameter("it takes neither IMAGES nor --out", param_hint="--verify")
        options = ("seed", "ratio", "strict_document", "link", "folds")
        _refuse_given(context, options, beside="--verify")
        _verify(verify)
        return
    if images is None or out is None:
        raise typer.BadParameter("pass both, or --verify DATASET", param_hint="IMAGES and --out")
    if folds is None:
        method = SplitMethod.STRICT_DOCUMENT if strict_document else SplitMethod.GROUPED
        settings = SplitSettings(seed=seed, ratio=ratio, method=method, is_linked=link)
        with edge() as report:
            from pipeline.splitting.split import split_images

            split_images(images, out, settings, report)
    else:
        _refuse_given(context, ("ratio", "strict_document"), beside="--folds")
        with edge() as report:
            from pipeline.splitting.folds import FoldSettings, split_folds

            fold_settings = FoldSettings(n_folds=folds, seed=seed, is_linked=link)
            split_folds(images, out, fold_settings, report)
    typer.echo(out)


def _refuse_given(context: typer.Context, names: tuple[str, ...], *, beside: str) -> None:
    """Refuse options that were passed but mean nothing together with another one."""
    sources = {name: context.get_parameter_source(name) for name in names}
    given = [name for name, source in sources.items() if source and source.name != "DEFAULT"]
    if given:
        hints = [f"--{name.replace('_', '-')}" for name in given]
        raise typer.BadParameter(f"it can't be used with {beside}", param_hint=hints)


def _verify(dataset: Path) -> None:
    with edge() as report:
        from pipeline.errors import BadInputError
        from pipeline.splitting.leaks import verify_split

        found = verify_split(dataset, report, extensions=IMAGE_EXTENSIONS)
        _show(found)
        if found.leaks:
            n = len(found.leaks)
            raise BadInputError(
                what=f"{'1 photo is' if n == 1 else f'{n} photos are'} in more than one part, "
                "so results measured there are too good",
                where=str(dataset),
                advice="divide the images again with pipeline split, or remove the copies from all "
                "parts but one",
            )


def _show(found: "LeakSearch") -> None:
    for name, n_images in found.counts:
        typer.echo(f"{name}: {n_images} images")
    for leak in found.leaks:
        typer.echo(f"leak: {leak}")
    if not found.leaks:
        typer.echo("no leaks: no photo is in more than one part")

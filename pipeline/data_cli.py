"""The commands about data sets before training: divide them, and look for leaks.

The libraries that do the work are imported by the command that needs them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_test_spec.spec import IMAGE_EXTENSIONS
from pipeline.console import edge
from pipeline.split_settings import DOCUMENT_RATIO, SplitMethod, SplitSettings

if TYPE_CHECKING:
    from pipeline.leaks import Verification

Images = Annotated[Path, typer.Argument(help="Folder with one folder of images per class.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to make; it must not exist, or be empty.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Fixes everything random.")]
Ratio = Annotated[
    tuple[float, float, float],
    typer.Option("--ratio", help="Shares of train, val and test.", metavar="TRAIN VAL TEST"),
]
StrictDocument = Annotated[
    bool,
    typer.Option(
        "--strict-document",
        help="Divide exactly as the source document does, even if copies of one photo then stand "
        "on two sides.",
    ),
]


def split(  # noqa: PLR0913 - Typer reads one option from each parameter
    images: Annotated[
        Path | None, typer.Argument(help="Folder with one folder of images per class.")
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to make; it must not exist, or be empty."),
    ] = None,
    seed: Seed = 5,
    ratio: Ratio = DOCUMENT_RATIO,
    strict_document: StrictDocument = False,
    link: Annotated[
        bool, typer.Option("--link", help="Make hard links to the images in place of copies.")
    ] = False,
    folds: Annotated[
        int | None,
        typer.Option("--folds", min=2, help="Divide for cross-validation in so many ways."),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            "--verify",
            metavar="DATASET",
            help="Divide nothing, and look for copies between the parts of a data set; exit with "
            "3 if there are any.",
        ),
    ] = None,
) -> None:
    """Divide images into train, val and test, copies of one photo on one side."""
    if verify is not None:
        if images is not None or out is not None:
            raise typer.BadParameter("it takes neither IMAGES nor --out", param_hint="--verify")
        _verify(verify)
        return
    if images is None or out is None:
        raise typer.BadParameter("give both, or --verify DATASET", param_hint="IMAGES and --out")
    if folds is not None and strict_document:
        raise typer.BadParameter("it can't be used with --folds", param_hint="--strict-document")
    if folds is None:
        method = SplitMethod.STRICT_DOCUMENT if strict_document else SplitMethod.GROUPED
        settings = SplitSettings(seed=seed, ratio=ratio, method=method, is_linked=link)
        with edge() as report:
            from pipeline.splitting import split_images

            split_images(images, out, settings, report)
    else:
        with edge() as report:
            from pipeline.folds import FoldSettings, split_folds

            fold_settings = FoldSettings(n_folds=folds, seed=seed, is_linked=link)
            split_folds(images, out, fold_settings, report)
    typer.echo(out)


def _verify(dataset: Path) -> None:
    with edge() as report:
        from pipeline.errors import LeaksFoundError
        from pipeline.leaks import verify_split

        found = verify_split(dataset, report, extensions=IMAGE_EXTENSIONS)
        _show(found)
        if found.leaks:
            raise LeaksFoundError(dataset=dataset, n_leaks=len(found.leaks))


def _show(found: "Verification") -> None:
    for name, n_images in found.counts:
        typer.echo(f"{name}: {n_images} images")
    for leak in found.leaks:
        typer.echo(f"leak: {leak}")
    if not found.leaks:
        typer.echo("no leaks: no photo stands in more than one part")

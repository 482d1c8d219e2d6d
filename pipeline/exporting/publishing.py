"""Documents a finished run: cards, curves and histories beside its exports.

With verification, no export is called verified if its numbers differ from those of training.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from hidden_test_spec.durable import write_atomically
from hidden_test_spec.errors import list_faults, quote
from hidden_test_spec.sidecar import Epoch, Sidecar, read_sidecar, sidecar_path, write_sidecar
from pipeline.errors import BadInputError, FileAccessError
from pipeline.exporting.asking_grader import Graded, ask_grader, recorded_val
from pipeline.exporting.errors import NotVerifiedError
from pipeline.exporting.model_card import write_model_card
from pipeline.exporting.verifying import verify
from pipeline.progress import Report, step
from pipeline.training.pictures import draw_history, picture_of

_EXPORTS = ("first_stage.pkl", "fine_tuned.pkl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One export with its card, and the grader's numbers on the val part.

    Attributes:
        export: The export.
        card: The card beside it.
        graded: What the grader found.
        is_verified: Whether the record beside the export calls it verified.
    """

    export: Path
    card: Path
    graded: Graded
    is_verified: bool


def publish(
    run: Path, dataset: Path, *, must_verify: bool, device: str, report: Report
) -> tuple[Publication, ...]:
    """Measure both exports of a run on the val part, and write the results beside them.

    Beside each export come a model card, a picture of the training's curves and the history as a
    table. On request the export is verified first, and its record says so.

    Args:
        run: The folder of a finished run.
        dataset: The divided data set that it learned from.
        must_verify: Whether to refuse an export that isn't what training recorded.
        device: Where the grader measures.
        report: Who listens to progress.

    Raises:
        BadInputError: If an export or its record is missing, or if the data set has no val part.
        GradingError: If the grader can't measure an export.
        NotVerifiedError: If an export isn't what training recorded; no card is written for it.
        FileAccessError: If a file can't be written.
    """
    records, found = _read_records(run), []
    if not (dataset / "val").is_dir():
        raise BadInputError(
            what="There is no such folder to measure on",
            where=str(dataset / "val"),
            advice="pass the divided data set that the run learned from with --dataset",
        )
    for export, sidecar in records:
        try:
            with (
                step(f"Measuring {export.name} on the val part, in a fresh process", report),
                recorded_val(dataset / "val", sidecar) as val,
            ):
                graded = ask_grader(export, val, device=device)
            record = _verified(export, sidecar, graded) if must_verify else sidecar
            card = write_model_card(export, record, graded)
            _write_history(export, record.history)
        except OSError as error:
            where = Path(error.filename) if error.filename else run
            raise FileAccessError.of(error, path=where) from error
        found.append(
            Publication(
                export=export, card=card, graded=graded, is_verified=record.verified is not None
            )
        )
    return tuple(found)


def _read_records(run: Path) -> list[tuple[Path, Sidecar]]:
    """Both exports with their records; everything that is missing is reported at once."""
    records, faults = [], []
    for name in _EXPORTS:
        export = run / name
        if not export.is_file():
            faults.append(f"{quote(name)} is missing")
            continue
        try:
            records.append((export, read_sidecar(export)))
        except (OSError, ValidationError):
            faults.append(f"{quote(sidecar_path(export).name)} is missing or not a record")
    if faults:
        raise BadInputError(
            what=f"The folder holds no finished run:{list_faults(faults)}",
            where=str(run),
            advice="use the --out folder of pipeline run or pipeline train, once it has finished",
        )
    return records


def _verified(export: Path, sidecar: Sidecar, graded: Graded) -> Sidecar:
    """The record with the proof in it, also on disk; an older claim is removed if it is wrong."""
    try:
        proof = verify(export, sidecar, graded)
    except NotVerifiedError:
        if sidecar.verified is not None:
            write_sidecar(sidecar.model_copy(update={"verified": None}), export)
        raise
    record = sidecar.model_copy(update={"verified": proof})
    write_sidecar(record, export)
    return record


def _write_history(export: Path, history: tuple[Epoch, ...]) -> None:
    """The curves as <export>_history.png, the numbers as <export>_history.csv."""
    stem = export.with_name(f"{export.stem}_history")
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, fieldnames=list(Epoch.model_fields))
    writer.writeheader()
    writer.writerows(epoch.model_dump() for epoch in history)
    write_atomically(stem.with_suffix(".csv"), table.getvalue())
    if history:
        picture_of(draw_history(history)).write(stem.with_suffix(".png"))

"""The scraped folder: photos in class folders, their manifest, and what is needed to continue.

A fetched photo goes through these steps: its bytes are put aside, they are named after the photo
they become, its rows are written, and the file gets its place. So there is never a photo without a
row, and a completed download is never repeated, wherever the process is killed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from hidden_test_spec.durable import append_durably, rename_durably, sync_folder, write_atomically
from hidden_test_spec.errors import quote
from pipeline.errors import BadInputError, FileAccessError
from pipeline.folders import check_new
from pipeline.manifest import CSV_NAME, JSON_LINES_NAME, ManifestRow, csv_text
from pipeline.row_files import RowFile
from pipeline.scraping.candidates import Found, SearchPage
from pipeline.scraping.photos import FetchedPhoto
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.rows import PhotoLimits, PhotoRules, RefusalRow, SearchRow

_STATE_NAME = ".scrape"
_BECOMING = ".becoming"


class Store:
    """Everything that a scrape leaves on disk. Only `staged` and `stage` may be called by threads.

    Photos that somebody removed from a class folder keep their rows: they no longer count as
    photos, but are not fetched again.
    """

    def __init__(self, root: Path, limits: PhotoLimits) -> None:
        """Read what is there, and finish what was begun.

        Refusals that may be temporary, or that depend on a limit that has changed, are forgotten.
        """
        state = root / _STATE_NAME
        self.root = root
        self._limits = limits
        self._aside = state / "fetched"
        self._aside.mkdir(exist_ok=True)
        self._manifest = RowFile(root / JSON_LINES_NAME, ManifestRow)
        self._searches = RowFile(state / "searches.jsonl", SearchRow)
        self._refusals = RowFile(state / "refusals.jsonl", RefusalRow)
        self.records = list(self._manifest.read())
        # A search that found nothing may have met a blocked or a slow page: it is repeated.
        self.searches = [row for row in self._searches.read() if row.page.candidates]
        self.refusals = [row for row in self._refusals.read() if self._holds(row)]
        self._finish()
        self._known = {(one.label, one.image_url) for one in self.records}
        self._known |= {(one.label, one.key) for one in self.refusals}
        self._n_photos = Counter(one.label for one in self.records if self._has(one))

    def n_photos(self, label: str) -> int:
        """How many photos of a class there are."""
        return self._n_photos[label]

    def knows(self, label: str, key: str) -> bool:
        """Whether a photo was taken or refused for a class."""
        return (label, key) in self._known

    def pages(self, engine: str, query: str) -> tuple[SearchPage, ...]:
        """The pages of a search that are known."""
        mine = (row for row in self.searches if (row.engine, row.query) == (engine, query))
        return tuple(row.page for row in mine)

    def add_page(self, engine: str, query: str, page: SearchPage) -> None:
        """Remember a page of a search."""
        row = SearchRow(engine=engine, query=query, page=page)
        self._searches.append(row)
        self.searches.append(row)

    def staged(self, key: str) -> bytes | None:
        """The bytes behind an address, if they were fetched before; else None.

        Raises:
            RefusedError: If the address was refused for another class, for a reason that also
                applies to this one.
        """
        aside = self._path_aside(key)
        if aside.exists():
            return aside.read_bytes()
        for record in tuple(self.records):
            if record.image_url == key and self._has(record):
                return (self.root / record.path).read_bytes()
        for row in tuple(self.refusals):
            if row.key == key and row.reason is not Reason.DUPLICATE:
                raise RefusedError(row.reason, row.detail, is_temporary=row.is_temporary)
        return None

    def stage(self, key: str, body: bytes) -> None:
        """Put fetched bytes aside, until it is decided what to do with them."""
        write_atomically(self._path_aside(key), body)

    def keep(self, found: Found, photo: FetchedPhoto, *, time: datetime) -> None:
        """Take a photo whose bytes were put aside.

        Raises:
            RefusedError: If the class already has the same file.
        """
        for one in self.records:
            if (one.label, one.sha256) == (found.label, photo.sha256):
                raise RefusedError(Reason.DUPLICATE, f"the same file as {one.path}")
        record = _record(found, photo, time)
        rename_durably(self._path_aside(record.image_url), self._path_becoming(record))
        self._manifest.append(record)
        self.records.append(record)
        append_durably(self.root / CSV_NAME, csv_text([record], header=False))
        self._put_in_place(record)
        self._known.add((record.label, record.image_url))
        self._n_photos[record.label] += 1

    def refuse(self, found: Found, error: RefusedError) -> None:
        """Remember why a photo was not taken."""
        row = RefusalRow(
            engine=found.engine,
            label=found.label,
            key=found.candidate.key,
            reason=error.reason,
            detail=error.detail,
            is_temporary=error.is_temporary,
            limit=self._limits.behind(error.reason),
        )
        self._refusals.append(row)
        self.refusals.append(row)
        self._known.add((row.label, row.key))
        self._path_aside(row.key).unlink(missing_ok=True)

    def _holds(self, row: RefusalRow) -> bool:
        return not row.is_temporary and row.limit == self._limits.behind(row.reason)

    def _finish(self) -> None:
        """Put photos in place whose rows are written, and drop what nobody needs any more.

        If a photo has neither a file nor bytes under its name, somebody removed it.
        """
        for record in self.records:
            if self._path_becoming(record).exists():
                self._put_in_place(record)
        for path in self._aside.glob(f"*{_BECOMING}"):
            path.replace(path.with_suffix("").with_suffix(""))
        for key in [*(one.image_url for one in self.records), *(one.key for one in self.refusals)]:
            self._path_aside(key).unlink(missing_ok=True)
        write_atomically(self.root / CSV_NAME, csv_text(self.records, header=True))
        (self.root / JSON_LINES_NAME).touch()

    def _put_in_place(self, record: ManifestRow) -> None:
        place = self.root / record.path
        place.parent.mkdir(exist_ok=True)
        self._path_becoming(record).replace(place)

    def _has(self, record: ManifestRow) -> bool:
        return (self.root / record.path).exists()

    def _path_aside(self, key: str) -> Path:
        return self._aside / _digest(key)

    def _path_becoming(self, record: ManifestRow) -> Path:
        """Where the bytes of a photo are while its rows are written."""
        aside = self._path_aside(record.image_url)
        return aside.with_name(f"{aside.name}.{_digest(record.path)[:16]}{_BECOMING}")


@contextmanager
def open_store(
    root: Path, rules: PhotoRules, limits: PhotoLimits, *, resume: bool
) -> Iterator[Store]:
    """A new scraped folder, or with `resume` an earlier one to continue; nobody else can open it.

    Raises:
        BadInputError: If the folder holds a scrape and `resume` is false, if it holds anything
            else, if its scrape can't be continued, or if another process has it open.
        FileAccessError: If something can't be read or written.
    """
    check_place(root, resume=resume)
    state = root / _STATE_NAME
    try:
        state.mkdir(parents=True, exist_ok=True)
        sync_folder(root)
        with FileLock(state / "lock", timeout=0):
            _check_rules(root, rules)
            yield Store(root, limits)
    except Timeout as error:
        raise BadInputError(
            what="Another scrape is writing to the folder",
            where=str(root),
            advice="wait until it ends, or name another folder",
        ) from error
    except OSError as error:
        raise FileAccessError.of(error, path=root) from error


def check_place(root: Path, *, resume: bool) -> None:
    """Raise `BadInputError` if a folder is neither new nor, with `resume`, an earlier scrape."""
    is_begun = (root / _STATE_NAME).is_dir()
    if is_begun and resume:
        return
    if is_begun:
        raise BadInputError(
            what="--out already exists and holds an earlier scrape",
            where=str(root),
            advice="pass --resume to continue it, or name another folder",
        )
    if resume and root.is_dir() and any(root.iterdir()):
        raise BadInputError(
            what="--resume can't continue there: the folder holds files, but no scrape",
            where=str(root),
            advice="name the folder of an earlier scrape, or another folder",
        )
    check_new(root)


def _check_rules(root: Path, rules: PhotoRules) -> None:
    path = root / _STATE_NAME / "rules.json"
    if not path.exists():
        write_atomically(path, rules.model_dump_json())
        return
    try:
        before = PhotoRules.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadInputError(
            what=f"--resume can't continue there: {quote(path.name)} is broken",
            where=str(root),
            advice="name another folder",
        ) from error
    if before != rules:
        licence = "--licence cc" if before.only_free else "--licence any"
        raise BadInputError(
            what="--resume can't continue there: the scrape was started with --min-side "
            f"{before.min_side_px} {licence}",
            where=str(root),
            advice="use the same options, or another --out",
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _record(found: Found, photo: FetchedPhoto, time: datetime) -> ManifestRow:
    candidate = found.candidate
    name = f"{found.engine}_{found.rank:04d}_{photo.sha256[:12]}.{photo.ending}"
    return ManifestRow(
        path=f"{found.label}/{name}",
        label=found.label,
        engine=found.engine,
        query=found.query,
        rank=found.rank,
        image_url=candidate.key,
        page_url=candidate.page_url,
        title=candidate.title,
        licence=candidate.licence,
        licence_url=candidate.licence_url,
        creator=candidate.creator,
        width_px=photo.width_px,
        height_px=photo.height_px,
        sha256=photo.sha256,
        phash=photo.phash,
        downloaded_at=time,
    )

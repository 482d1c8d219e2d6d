"""Filling one class folder: candidates of its searches in turn, downloaded some at a time.

No more is fetched than may still be needed, and results are handled in the order of the candidates,
so which photos a class gets does not depend on how fast the servers answer.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from hidden_test_spec.spec import ClassSpec
from pipeline.progress import Report, Tick
from pipeline.scraping.candidates import Engine, EngineEndedError, Found, SearchPage
from pipeline.scraping.fetching import Fetcher
from pipeline.scraping.pacing import Clock
from pipeline.scraping.photos import FetchedPhoto, embedded, inspect_photo
from pipeline.scraping.refusals import Reason, RefusedError
from pipeline.scraping.settings import Licence, ScrapeSettings
from pipeline.scraping.store import Store

_REPORT_EVERY = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The tools that collecting works with."""

    settings: ScrapeSettings
    store: Store
    fetcher: Fetcher
    executor: Executor
    clock: Clock
    report: Report


def fill_class(one: ClassSpec, engine: Engine, shop: Workshop) -> str | None:
    """Take photos of one class from one engine until there are enough or it has no more.

    Returns:
        Why the engine can't be asked any more; None where it can.
    """
    results = _Results(one, engine, shop.store)
    pending: deque[tuple[Found, Future[FetchedPhoto]]] = deque()
    is_done = False
    while True:
        missing = shop.settings.per_class - shop.store.n_photos(one.label)
        while not is_done and len(pending) < min(missing, shop.settings.network.n_parallel):
            found = next(results, None)
            if found is None:
                is_done = True
            elif not shop.store.knows(one.label, found.candidate.key):
                pending.append((found, shop.executor.submit(_download, found, shop)))
        if not pending:
            return results.ended
        _settle(*pending.popleft(), shop)


class _Results(Iterator[Found]):
    """The results of all queries of a class, in turn: the first of each, the second, and so on.

    A photo that several queries found comes once.
    """

    def __init__(self, one: ClassSpec, engine: Engine, store: Store) -> None:
        self.ended: str | None = None
        self._seen: set[str] = set()
        self._turns = deque(_search(one.label, query, engine, store) for query in one.queries)

    def __next__(self) -> Found:
        while self._turns and self.ended is None:
            try:
                found = next(self._turns[0], None)
            except EngineEndedError as error:
                self.ended = error.reason
                break
            if found is None:
                self._turns.popleft()
                continue
            self._turns.rotate(-1)
            if found.candidate.key not in self._seen:
                self._seen.add(found.candidate.key)
                return found
        raise StopIteration


def _search(label: str, query: str, engine: Engine, store: Store) -> Iterator[Found]:
    """The results of one query, each once: those of known pages, then those of new ones."""
    seen: set[str] = set()
    for page in _pages(query, engine, store):
        for candidate in page.candidates:
            if candidate.key not in seen:
                seen.add(candidate.key)
                yield Found(
                    engine=engine.name,
                    label=label,
                    query=query,
                    rank=len(seen),
                    candidate=candidate,
                )


def _pages(query: str, engine: Engine, store: Store) -> Iterator[SearchPage]:
    """Pages of a search; new ones are remembered before their results are used."""
    known = store.pages(engine.name, query)
    yield from known
    if known and known[-1].next_start is None:
        return
    for page in engine.pages(query, known[-1].next_start if known else None):
        store.add_page(engine.name, query, page)
        yield page


def _download(found: Found, shop: Workshop) -> FetchedPhoto:
    """Fetch a photo unless its bytes are here already, put them aside, and inspect them."""
    settings, candidate = shop.settings, found.candidate
    if settings.licence is Licence.CC and not candidate.has_free_licence:
        raise RefusedError(Reason.LICENCE, candidate.licence or "the source names none")
    body = shop.store.staged(candidate.key)
    if body is None:
        body = _fetch(candidate.image_url, shop)
    shop.store.stage(candidate.key, body)
    return inspect_photo(
        body, min_side_px=settings.min_side_px, extensions=settings.spec.layout.extensions
    )


def _fetch(url: str, shop: Workshop) -> bytes:
    if url.startswith("data:"):
        return embedded(url)
    return shop.fetcher.photo(url, max_bytes=shop.settings.network.max_bytes)


def _settle(found: Found, future: Future[FetchedPhoto], shop: Workshop) -> None:
    """Keep a photo, or record why it was refused."""
    try:
        shop.store.keep(found, future.result(), time=shop.clock.now())
    except RefusedError as error:
        shop.store.refuse(found, error)
        return
    n, n_all = shop.store.n_photos(found.label), shop.settings.per_class
    line = f"{found.label}: {n} of {n_all} photos"
    is_told = n % _REPORT_EVERY == 0 or n == n_all
    # How long the rest takes depends on servers that nobody knows yet.
    shop.report(line if is_told else Tick(line, n_done=n, n_all=n_all, left_s=0.0, every_s=2.0))

"""A whole scrape: the one place that knows the order of the steps."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InterruptionError, MachineError
from pipeline.progress import BEGINS, Report, heartbeat
from pipeline.scraping.addresses import is_known
from pipeline.scraping.candidates import Engine
from pipeline.scraping.collecting import Workshop, fill_class
from pipeline.scraping.connecting import Connector
from pipeline.scraping.engines.openverse import Openverse
from pipeline.scraping.engines.wikimedia import Wikimedia
from pipeline.scraping.fetching import Etiquette, Fetcher
from pipeline.scraping.pacing import Clock, Pacer, system_clock
from pipeline.scraping.rows import PhotoLimits, PhotoRules
from pipeline.scraping.settings import NEED_BROWSER, EngineName, Licence, ScrapeSettings
from pipeline.scraping.store import Store, check_place, open_store
from pipeline.scraping.summary import ScrapeSummary, count_engine

if TYPE_CHECKING:
    from pipeline.scraping.browser import Browser

# Whoever watches a scrape is told something at least this often.
_SILENCE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tools:
    """What reaches the network, with one pace and one stop; a browser only if one is needed."""

    clock: Clock
    fetcher: Fetcher
    browser: "Browser | None"
    executor: ThreadPoolExecutor


def scrape(
    settings: ScrapeSettings, out: Path, report: Report, *, resume: bool = False
) -> ScrapeSummary:
    """Fill the class folders of a spec with photos from the web.

    Args:
        settings: What is wanted, and from whom.
        out: The folder to create, or with `resume` to continue in.
        report: Called with each line about the progress.
        resume: Whether the folder may hold an earlier scrape.

    Returns:
        What the folder holds now, even if photos are missing.

    Raises:
        PipelineError: If the folder can't be used, or there is no internet connection.
        InterruptionError: If the user stops it; everything that was fetched is kept.
    """
    rules = PhotoRules(min_side_px=settings.min_side_px, only_free=settings.licence is Licence.CC)
    limits = PhotoLimits(
        max_bytes=settings.network.max_bytes,
        allowed_host=settings.network.allowed_host,
        extensions=settings.spec.layout.extensions,
    )
    check_place(out, resume=resume)
    if not resume:
        _check_online(settings, out)
    with open_store(out, rules, limits, resume=resume) as store:
        if resume and _short_classes(settings, store):
            _check_online(settings, out)
        try:
            with heartbeat(report, every_s=_SILENCE_S) as told, _tools(settings, told) as tools:
                ended = _fill_all(settings, store, tools, told)
        except KeyboardInterrupt:
            raise InterruptionError(
                what=f"Interrupted; {len(store.records)} photos and their manifest are kept",
                where=str(out),
                advice="to continue, run the same command with --resume",
            ) from None
        return _summary(settings, store, ended)


def _fill_all(
    settings: ScrapeSettings, store: Store, tools: _Tools, report: Report
) -> dict[str, str]:
    """Fill every class; returns why engines ended early."""
    shop = Workshop(
        settings=settings,
        store=store,
        fetcher=tools.fetcher,
        executor=tools.executor,
        clock=tools.clock,
        report=report,
    )
    ended: dict[str, str] = {}
    engines = _engines(settings, tools)
    for one in settings.spec.classes:
        had = ""
        for engine in engines:
            n_missing = settings.per_class - store.n_photos(one.label)
            if engine.name in ended or n_missing <= 0:
                continue
            report(f"{one.label}: asking {engine.name}{_for_more(had, n_missing)}{BEGINS}")
            reason = fill_class(one, engine, shop)
            if reason is not None:
                ended[engine.name] = reason
                report(f"{engine.name} is left out from here on: {reason}")
            had = engine.name
    return ended


def _for_more(had: str, n_missing: int) -> str:
    """Why another engine is asked for a class; nothing for the first one."""
    return f" for {n_missing} more, which {had} didn't bring" if had else ""


def _short_classes(settings: ScrapeSettings, store: Store) -> bool:
    """Whether any class has fewer photos than it should have."""
    labels = (one.label for one in settings.spec.classes)
    return any(store.n_photos(label) < settings.per_class for label in labels)


def _check_online(settings: ScrapeSettings, out: Path) -> None:
    """Raise where no engine's host can be found, as without an internet connection."""
    if not any(is_known(settings.base_urls[name]) for name in settings.engines):
        raise MachineError(
            what="There is no internet connection: none of the engines' servers can be found",
            where=f"--out {out}",
            advice="connect to the internet, and run the same command again",
        )


def _engines(settings: ScrapeSettings, tools: _Tools) -> Sequence[Engine]:
    """The engines that were asked for, in order."""
    urls = settings.base_urls
    known: dict[EngineName, Engine] = {
        EngineName.OPENVERSE: Openverse(
            fetcher=tools.fetcher,
            base_url=urls[EngineName.OPENVERSE],
            key=settings.openverse_key,
        ),
        EngineName.WIKIMEDIA: Wikimedia(fetcher=tools.fetcher, base_url=urls[EngineName.WIKIMEDIA]),
    }
    if tools.browser is not None:
        from pipeline.scraping.engines.bing import Bing  # noqa: PLC0415 - they import selenium
        from pipeline.scraping.engines.google import Google  # noqa: PLC0415

        browser = tools.browser
        known[EngineName.BING] = Bing(browser=browser, base_url=urls[EngineName.BING])
        known[EngineName.GOOGLE] = Google(browser=browser, base_url=urls[EngineName.GOOGLE])
    return [known[name] for name in settings.engines]


@contextmanager
def _browser(settings: ScrapeSettings, pacer: Pacer, report: Report) -> Iterator["Browser | None"]:
    """A browser that starts when it is needed; None where no engine needs one."""
    if not NEED_BROWSER.intersection(settings.engines):
        yield None
        return
    from pipeline.scraping.browser import Browser, Patience  # noqa: PLC0415 - it imports selenium

    network = settings.network
    patience = Patience(
        page_s=network.timeout_s,
        growth_s=network.growth_s,
        person_s=network.person_s if network.has_window else 0.0,
    )
    with closing(Browser(pacer, patience, report, has_window=network.has_window)) as browser:
        yield browser


@contextmanager
def _tools(settings: ScrapeSettings, report: Report) -> Iterator[_Tools]:
    """The tools; when the block ends, for any reason, everything of theirs stops."""
    network, stop = settings.network, threading.Event()
    clock = system_clock(stop)
    pacer = Pacer(interval_s=1 / network.rate, clock=clock, report=report)
    connector = Connector(timeout_s=network.timeout_s)
    etiquette = Etiquette(allowed_host=network.allowed_host, contact=network.contact)
    fetcher = Fetcher(connector, pacer, clock, etiquette)
    executor = ThreadPoolExecutor(network.n_parallel)
    with _browser(settings, pacer, report) as browser:
        try:
            yield _Tools(clock=clock, fetcher=fetcher, browser=browser, executor=executor)
        finally:
            stop.set()
            connector.cut()
            executor.shutdown(cancel_futures=True)


def _summary(settings: ScrapeSettings, store: Store, ended: dict[str, str]) -> ScrapeSummary:
    counts = [
        count_engine(store, label=one.label, engine=name, queries=one.queries)
        for one in settings.spec.classes
        for name in settings.engines
    ]
    return ScrapeSummary(
        per_class=settings.per_class,
        n_photos={one.label: store.n_photos(one.label) for one in settings.spec.classes},
        counts=tuple(count for count in counts if count.n_found),
        ended=ended,
    )

"""The command `pipeline scrape`: options in, a table of the results on stdout."""

import os
import re
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_test_spec.errors import list_faults, quote_all
from hidden_test_spec.reading import read_spec
from pipeline.cli.console import edge
from pipeline.errors import MachineError, MissingLibraryError, UsageError
from pipeline.scraping.settings import (
    AUTO,
    BASE_URLS,
    NEED_BROWSER,
    TELLS_LICENCES,
    EngineName,
    Licence,
    Network,
    OpenverseKey,
    ScrapeSettings,
)

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.progress import Report
    from pipeline.scraping.summary import ScrapeSummary


class EngineChoice(StrEnum):
    """What --engine takes: all in turn, or one by its name."""

    AUTO = "auto"
    GOOGLE = EngineName.GOOGLE
    BING = EngineName.BING
    OPENVERSE = EngineName.OPENVERSE
    WIKIMEDIA = EngineName.WIKIMEDIA


_NETWORK = Network()
_MEGABYTE = 1_000_000
_PIPED_WIDTH = 120
_OPEN_ENGINES = (EngineName.OPENVERSE, EngineName.WIKIMEDIA)
_HOST_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/\[\]]+):\d{1,5}", re.IGNORECASE)
_BASE_URL = re.compile(r"https?://[^\s/?#]+")

_Spec = Annotated[
    str, typer.Option("--spec", help="Spec whose classes to collect: its name or file.")
]
_PerClass = Annotated[int, typer.Option("--per-class", min=1, help="Photos of each class.")]
_Out = Annotated[
    Path, typer.Option("--out", help="Folder to create; it must not exist, or must be empty.")
]
_Engines = Annotated[
    list[EngineChoice],
    typer.Option(
        "--engine",
        help="Where to search; repeat it to fill gaps from the next engine. auto asks all in turn.",
    ),
]
_LicenceChoice = Annotated[
    Licence,
    typer.Option("--licence", help="cc takes Creative Commons and the public domain only."),
]
_Resume = Annotated[
    bool, typer.Option("--resume", help="Continue the earlier scrape in --out, if there is one.")
]
_MinSide = Annotated[
    int, typer.Option("--min-side", min=1, help="Smallest shorter side of a photo, in pixels.")
]
_MaxMegabytes = Annotated[
    int, typer.Option("--max-mb", min=1, help="Largest photo file, in MB of 10^6 bytes.")
]
_Timeout = Annotated[
    float,
    typer.Option("--timeout", min=0.1, max=600, help="Most seconds that one request may take."),
]
_Rate = Annotated[
    float, typer.Option("--rate", min=0.01, max=100, help="Most requests per second to one host.")
]
_Parallel = Annotated[int, typer.Option("--parallel", min=1, max=64, help="Downloads at a time.")]
_Contact = Annotated[
    str | None,
    typer.Option("--contact", help="Your email address or web page, sent to every server."),
]
_Key = Annotated[
    str | None,
    typer.Option(
        "--openverse-key",
        metavar="ID:SECRET",
        envvar="OPENVERSE_KEY",
        help="Your key for more requests to Openverse; docs/scraping.md says how to get one.",
    ),
]
_Window = Annotated[
    bool | None,
    typer.Option(
        "--window/--headless",
        help="Whether Google and Bing are asked in a visible window; by default where there is "
        "a display.",
        show_default=False,
    ),
]
_AllowedHost = Annotated[
    str | None,
    typer.Option(
        "--allow-private-host",
        metavar="HOST:PORT",
        help="One host of a private network that may be contacted; by default none.",
    ),
]
_BaseUrls = Annotated[
    list[str] | None,
    typer.Option("--base-url", metavar="ENGINE=URL", hidden=True, help="Address of an engine."),
]


def scrape(  # noqa: PLR0913 - Typer reads one option from each parameter
    *,
    spec: _Spec,
    out: _Out,
    per_class: _PerClass = 100,
    engine: _Engines = [EngineChoice.AUTO],  # noqa: B006 - Typer wants a list, and copies it
    licence: _LicenceChoice = Licence.ANY,
    resume: _Resume = False,
    min_side: _MinSide = 100,
    max_mb: _MaxMegabytes = _NETWORK.max_bytes // _MEGABYTE,
    timeout: _Timeout = _NETWORK.timeout_s,
    rate: _Rate = _NETWORK.rate,
    parallel: _Parallel = _NETWORK.n_parallel,
    contact: _Contact = None,
    openverse_key: _Key = None,
    window: _Window = None,
    allow_private_host: _AllowedHost = None,
    base_url: _BaseUrls = None,
) -> None:
    """Collect photos of a spec's classes from the web, with a manifest of where each came from."""
    with edge() as report:
        network = Network(
            timeout_s=timeout,
            rate=rate,
            n_parallel=parallel,
            max_bytes=max_mb * _MEGABYTE,
            allowed_host=_host_port(allow_private_host, report),
            contact=_contact(contact),
            has_window=_has_display() if window is None else window,
        )
        settings = ScrapeSettings(
            spec=read_spec(spec),
            per_class=per_class,
            engines=_engines(engine, licence, report),
            licence=licence,
            min_side_px=min_side,
            network=network,
            openverse_key=_key(openverse_key),
            base_urls=BASE_URLS | dict(_base_url(one) for one in base_url or ()),
        )
        _check_installed(settings.engines)
        _tell_of_contact(settings, report)
        from pipeline.scraping.running import scrape as run

        summary = run(settings, out, report, resume=resume)
    _print(_table(summary))
    typer.echo(out)
    with edge() as report:
        _check_complete(summary, settings, out, report)


def _engines(
    choices: list[EngineChoice], licence: Licence, report: "Report"
) -> tuple[EngineName, ...]:
    """The engines in order, each once; with --licence cc they must name licences."""
    engines: list[EngineName] = []
    for choice in choices:
        is_auto = choice is EngineChoice.AUTO
        engines += _auto(licence, report) if is_auto else [EngineName(choice)]
    for name in engines:
        if licence is Licence.CC and name not in TELLS_LICENCES:
            raise UsageError(
                what=f"{name} doesn't say which licence a photo has",
                where=f"--licence {licence}",
                advice="use --engine openverse or --engine wikimedia",
            )
    return tuple(dict.fromkeys(engines))


def _auto(licence: Licence, report: "Report") -> list[EngineName]:
    """The engines that can be asked here, in turn; the user is told which and why."""
    usable = [one for one in AUTO if licence is Licence.ANY or one in TELLS_LICENCES]
    line = f"--engine auto: {', '.join(usable)} in turn, each for what the one before didn't bring"
    if NEED_BROWSER.intersection(usable) and not _has_browser():
        usable = [one for one in usable if one not in NEED_BROWSER]
        left_out = " and ".join(sorted(NEED_BROWSER))
        line = (
            f"--engine auto: {', '.join(usable)} in turn; {left_out} are left out, since Chromium "
            "or selenium isn't installed"
        )
    report(line)
    return usable


def _has_browser() -> bool:
    try:
        browser = import_module("pipeline.scraping.browser")
    except ModuleNotFoundError:
        return False
    return browser.installed_browser() is not None


def _has_display() -> bool:
    """Whether a window can be shown; macOS and Windows always have somewhere to show it."""
    return sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def _key(value: str | None) -> OpenverseKey | None:
    if not value:
        return None
    client_id, _, secret = value.partition(":")
    if not (client_id and secret):
        raise UsageError(
            what="This is not a key of Openverse",
            where="--openverse-key",
            advice="write CLIENT_ID:CLIENT_SECRET, as docs/scraping.md says",
        )
    return OpenverseKey(client_id=client_id, client_secret=secret)


def _tell_of_contact(settings: ScrapeSettings, report: "Report") -> None:
    if EngineName.WIKIMEDIA in settings.engines and settings.network.contact is None:
        report(
            "Wikimedia wants to know whom to write to, and may turn programs away that don't say: "
            "--contact you@school.example tells it"
        )


def _check_installed(engines: tuple[EngineName, ...]) -> None:
    """Raise where a library of the scrape extra is missing that these engines need."""
    try:
        import_module("pipeline.scraping.running")
        if NEED_BROWSER.intersection(engines):
            import_module("pipeline.scraping.browser")
    except ModuleNotFoundError as error:
        library = (error.name or str(error)).partition(".")[0]
        needed_by = f"--engine {' and '.join(engines)}"
        raise MissingLibraryError(
            library=library, extra="pipeline,scrape", needed_by=needed_by
        ) from error


def _host_port(value: str | None, report: "Report") -> str | None:
    if value is None:
        return None
    if not _HOST_PORT.fullmatch(value):
        raise UsageError(
            what="This is not a host with a port",
            where=f"--allow-private-host {value}",
            advice="write HOST:PORT, such as nas:8080",
        )
    report(
        f"Warning: {value} may be contacted even if it is in a private network. Search results "
        "can then name any address on it."
    )
    return value.lower()


def _contact(value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise UsageError(
            what="This contact can't be sent to servers: an HTTP header takes plain ASCII only",
            where=f"--contact {value}",
            advice="write it in ASCII, such as an email address or that of a web page",
        )
    return value


def _base_url(value: str) -> tuple[EngineName, str]:
    name, _, url = value.partition("=")
    if name not in set(EngineName) or not _BASE_URL.fullmatch(url):
        raise UsageError(
            what="This is not an engine with an address",
            where=f"--base-url {value}",
            advice="write ENGINE=URL, such as openverse=https://api.openverse.org",
        )
    return EngineName(name), url


def _check_complete(
    summary: "ScrapeSummary", settings: ScrapeSettings, out: Path, report: "Report"
) -> None:
    """Raise where photos are missing that another try could bring; otherwise report them."""
    if not summary.short:
        return
    short = summary.to_be_had
    if short:
        reasons = [f"{name}: {_reason(name, summary)}" for name in settings.engines]
        others = [name for name in _OPEN_ENGINES if name not in settings.engines]
        another = f" or with another --engine, such as {others[0]}" if others else ""
        raise MachineError(
            what=f"Photos are missing for {quote_all(short)}:{list_faults(reasons)}",
            where=str(out),
            advice=f"run the command again with --resume, later{another}",
        )
    counts = ", ".join(f"{label} {summary.n_photos[label]}" for label in summary.short)
    report(f"Fewer than {summary.per_class} photos, since the engines have no more: {counts}")


def _reason(engine: str, summary: "ScrapeSummary") -> str:
    """Why an engine did not bring what is missing."""
    if engine in summary.ended:
        return summary.ended[engine]
    counts = [one for one in summary.counts if one.engine == engine]
    n_put_off = sum(one.n_put_off for one in counts if one.label in summary.to_be_had)
    if n_put_off:
        photos = "1 photo" if n_put_off == 1 else f"{n_put_off} photos"
        return f"{photos} could not be fetched for now, for the reasons in the table"
    if not any(summary.n_photos[label] for label in summary.to_be_had):
        return "found nothing usable"
    return "has no more"


def _table(summary: "ScrapeSummary") -> "Table":
    """What each engine did for each class."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("class", "engine"):
        table.add_column(name, no_wrap=True)
    for name in ("found", "photos", "thumbnails", "refused"):
        table.add_column(name, justify="right")
    table.add_column("for these reasons")
    for one in summary.counts:
        n_refused = sum(n for _, n in one.refused)
        reasons = ", ".join(f"{reason} {n}" for reason, n in one.refused)
        numbers = (one.n_found, one.n_photos, one.n_thumbnails, n_refused)
        table.add_row(one.label, one.engine, *map(str, numbers), reasons)
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, markup=False).print(table)

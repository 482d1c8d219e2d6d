"""What a user decides about a scrape, as values."""

from dataclasses import dataclass, field
from enum import StrEnum

from hidden_test_spec.spec import Spec


class EngineName(StrEnum):
    """Who can be asked for photos."""

    GOOGLE = "google"
    BING = "bing"
    OPENVERSE = "openverse"
    WIKIMEDIA = "wikimedia"


class Licence(StrEnum):
    """Which photos are wanted: any, or only those that the source calls free."""

    ANY = "any"
    CC = "cc"


# Who is asked if the user doesn't say: those that need no browser and name licences come first.
AUTO = (EngineName.OPENVERSE, EngineName.WIKIMEDIA, EngineName.GOOGLE, EngineName.BING)
TELLS_LICENCES = frozenset({EngineName.OPENVERSE, EngineName.WIKIMEDIA})
NEED_BROWSER = frozenset({EngineName.GOOGLE, EngineName.BING})
BASE_URLS = {
    EngineName.GOOGLE: "https://www.google.com",
    EngineName.BING: "https://www.bing.com",
    EngineName.OPENVERSE: "https://api.openverse.org",
    EngineName.WIKIMEDIA: "https://commons.wikimedia.org",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How the network is used.

    Attributes:
        timeout_s: Limit for one request, from the connection to the last byte.
        rate: Most requests a second to one host.
        n_parallel: Downloads at a time.
        max_bytes: Largest photo file.
        allowed_host: HOST:PORT of the one host that may be in a private network.
        contact: Where the user can be reached, sent to every server; None sends nothing.
        growth_s: How long a browser waits for something new after scrolling.
        has_window: Whether a browser shows its window, so that a person can answer a captcha.
        person_s: How long such an answer is waited for.
    """

    timeout_s: float = 20.0
    rate: float = 1.0
    n_parallel: int = 8
    max_bytes: int = 20_000_000
    allowed_host: str | None = None
    contact: str | None = None
    growth_s: float = 5.0
    has_window: bool = False
    person_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenverseKey:
    """What Openverse gives to whoever registers: more requests a minute and a day."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeSettings:
    """A whole scrape: the classes of the spec, who is asked, and which photos are taken."""

    spec: Spec
    per_class: int = 100
    engines: tuple[EngineName, ...] = AUTO
    licence: Licence = Licence.ANY
    min_side_px: int = 100
    network: Network = Network()
    openverse_key: OpenverseKey | None = None
    base_urls: dict[EngineName, str] = field(default_factory=lambda: dict(BASE_URLS))

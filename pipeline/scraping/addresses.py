"""Which addresses may be connected to: those of the public internet, and one named exception.

A host name is resolved once. Connections go to the very addresses that were checked, so it
doesn't matter if the name points somewhere else a moment later.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from pipeline.scraping.refusals import Reason, RefusedError

_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")
# Special-purpose networks of the IANA registries that Python's older versions take for ordinary
# ones, and the address at which a cloud's machines find its services.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        *("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.175.48.0/24", "168.63.129.16/32"),
        *("64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001:1::/32", "2001:2::/48"),
        *("2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28"),
        *("2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", "5f00::/16"),
    )
)

_Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parsed web address, and where to connect for it.

    Attributes:
        host: In lower case; an IPv6 address has no brackets.
        netloc: The value of the Host header.
        path: The path with its query, as it is sent.
        addresses: Every address of the host; each was checked.
    """

    scheme: str
    host: str
    port: int
    netloc: str
    path: str
    addresses: tuple[str, ...]

    @property
    def origin(self) -> str:
        """The scheme, host and port as an address."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def url(self) -> str:
        """The whole address as it is requested: escaped, and without a fragment."""
        return self.origin + self.path


def resolve(url: str, *, allowed: str | None) -> Target:
    """Parse an address and look its host up.

    Args:
        url: An http or https address.
        allowed: HOST:PORT of the one host that may be private and may have any port.

    Raises:
        RefusedError: If the address is not an http or https address, its host is unknown, or any
            of the host's addresses is not on the public internet.
    """
    scheme, host, port, path = _parse(url)
    shown_host = f"[{host}]" if ":" in host else host
    is_allowed = allowed is not None and f"{shown_host}:{port}" == allowed.lower()
    if port != _PORTS[scheme] and not is_allowed:
        raise RefusedError(Reason.ADDRESS, f"port {port} is neither 80 nor 443")
    addresses = _look_up(host, port)
    if not is_allowed:
        for address in addresses:
            if not is_public(ip_address(address)):
                raise RefusedError(Reason.PRIVATE, f"{host} is {address}")
    netloc = shown_host if port == _PORTS[scheme] else f"{shown_host}:{port}"
    return Target(
        scheme=scheme, host=host, port=port, netloc=netloc, path=path, addresses=addresses
    )


def is_known(url: str) -> bool:
    """Whether the host of an address can be looked up; without a connection, none can.

    Names below localhost are this machine, also where the system doesn't know them but a browser
    does.
    """
    try:
        _, host, port, _ = _parse(url)
        return host.endswith(".localhost") or bool(_look_up(host, port))
    except RefusedError:
        return False


def is_public(address: _Address) -> bool:
    """Whether an address is on the public internet; one that wraps others is judged by those."""
    if isinstance(address, IPv6Address):
        wrapped = tuple(_wrapped(address))
        if wrapped:
            return all(is_public(inner) for inner in wrapped)
        if address.is_site_local:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _wrapped(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if address in _NAT64:
        yield IPv4Address(address.packed[-4:])
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _parse(url: str) -> tuple[str, str, int, str]:
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise RefusedError(Reason.ADDRESS, "it can't be parsed") from error
    if parsed.scheme not in _PORTS or not parsed.host or parsed.auth is not None:
        raise RefusedError(Reason.ADDRESS, "it is not a plain http or https address")
    port = _PORTS[parsed.scheme] if parsed.port is None else parsed.port
    return parsed.scheme, parsed.host.strip("[]").lower(), port, parsed.request_uri


def _look_up(host: str, port: int) -> tuple[str, ...]:
    try:
        found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        detail = f"{host} is unknown"
        raise RefusedError(Reason.UNREACHABLE, detail, is_temporary=True) from error
    return tuple(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))

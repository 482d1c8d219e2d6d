"""Which addresses may be connected to."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from pipeline.scraping.addresses import is_public, resolve
from pipeline.scraping.refusals import Reason, RefusedError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - that it is refused is the point
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:7f00:1::",
        "192.0.0.8",
        "192.0.0.170",
        "192.88.99.2",
        "168.63.129.16",
        "198.18.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "::ffff:168.63.129.16",
        "64:ff9b::192.0.0.8",
    ],
)
def test_addresses_of_private_networks_are_not_public(address: str) -> None:
    """Nor are those that wrap such an address in IPv6, however they do it."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """Also those reached by a translation of IPv4."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/x", Reason.PRIVATE),
        ("http://localhost/x", Reason.PRIVATE),
        ("http://127.1/x", Reason.PRIVATE),
        ("http://2130706433/x", Reason.PRIVATE),
        ("http://0x7f.1/x", Reason.PRIVATE),
        ("http://[::1]/x", Reason.PRIVATE),
        ("http://[::ffff:7f00:1]/x", Reason.PRIVATE),
        ("http://8.8.8.8:22/x", Reason.ADDRESS),
        ("https://8.8.8.8:80/x", Reason.ADDRESS),
        ("ftp://8.8.8.8/x", Reason.ADDRESS),
        ("file:///etc/passwd", Reason.ADDRESS),
        ("http://user:secret@8.8.8.8/x", Reason.ADDRESS),
        ("http:///x", Reason.ADDRESS),
        ("//8.8.8.8/x", Reason.ADDRESS),
        ("http://[8.8.8.8/x", Reason.ADDRESS),
        ("http://8.8.8.8:99999/x", Reason.ADDRESS),
        ("http://no-such-host.invalid/x", Reason.UNREACHABLE),
    ],
)
def test_an_address_that_is_not_of_the_public_web_is_refused(url: str, reason: Reason) -> None:
    """It is refused in every spelling."""
    with pytest.raises(RefusedError, match=reason.value) as refused:
        resolve(url, allowed=None)
    assert refused.value.reason is reason


def test_one_host_and_port_may_be_allowed() -> None:
    """That one only: not its other ports, and not another name of the same machine."""
    target = resolve("http://127.0.0.1:8080/a b?c=d", allowed="127.0.0.1:8080")
    assert (target.addresses, target.netloc, target.path) == (
        ("127.0.0.1",),
        "127.0.0.1:8080",
        "/a%20b?c=d",
    )
    assert resolve("http://[::1]:81/", allowed="[::1]:81").netloc == "[::1]:81"
    for url in ("http://127.0.0.1:8081/", "http://127.0.0.1/", "http://localhost:8080/"):
        with pytest.raises(RefusedError, match=r"neither 80 nor 443|127\.0\.0\.1 is 127"):
            resolve(url, allowed="127.0.0.1:8080")


def test_an_allowed_host_on_the_usual_port_is_named_with_its_port() -> None:
    """127.0.0.1:80 allows http://127.0.0.1/, whose address leaves the port out."""
    assert resolve("http://127.0.0.1/x", allowed="127.0.0.1:80").origin == "http://127.0.0.1"


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name with several addresses can't smuggle one in."""
    answers = [(2, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(RefusedError, match=r"photos\.example is 10\.0\.0\.1"):
        resolve("http://photos.example/", allowed=None)


def test_a_name_is_looked_up_once_and_what_it_said_is_what_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The checked addresses are in the target; a second, different answer would never be asked."""
    asked: list[Any] = []

    def answer(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    target = resolve("https://Photos.example/x", allowed=None)
    assert (target.addresses, target.host, asked) == (
        ("8.8.8.8",),
        "photos.example",
        ["photos.example"],
    )

"""Addresses of venues: where the user may point them, and which of them are this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit, urlunsplit


def with_origin(url: str, origin: str) -> str:
    """`url` with the scheme, host and port of `origin`; its own path and query stay.

    An empty `origin` leaves it as it is.
    """
    if not origin:
        return url
    there = urlsplit(origin)
    return urlunsplit(urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc))


def check_origin(origin: str, schemes: tuple[str, ...]) -> str:
    """What is wrong with `origin` as scheme, host and port, in a few words, or nothing."""
    try:
        parts = urlsplit(origin)
        port_is_a_number = parts.port is None or parts.port > 0
    except ValueError as error:
        return f"{error}: it must look like {schemes[0]}://host:port"
    if parts.scheme not in schemes or not parts.hostname or not port_is_a_number:
        return f"it must look like {schemes[0]}://host:port"
    return ""


def is_loopback(url: str) -> bool:
    """Whether the host is this machine: it is never reached through a proxy."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

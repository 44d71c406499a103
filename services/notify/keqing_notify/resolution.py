"""Where a host's name leads, by the system's resolver."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

from keqing_notify.address import Address, is_public


class NameUnknown(Exception):
    """The resolver has no address for it."""


async def addresses_of(host: str, port: int) -> list[Address]:
    """In the resolver's order of preference. Raises NameUnknown."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise NameUnknown(host) from None
    addresses = [ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    if not addresses:
        raise NameUnknown(host)
    return addresses


def leads_inside(addresses: Sequence[Address]) -> bool:
    """Whether any of them is not of the public internet: one is enough to be led there."""
    return not all(is_public(address) for address in addresses)

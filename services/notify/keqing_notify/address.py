"""Where a webhook may point: public https addresses only, except on a developer's own machine."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from keqing_shared.domain import InvalidInput

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_LOOPBACK_NAME = "localhost"


class UrlNotUsable(InvalidInput):
    """A webhook's address is an https URL without user, password and fragment."""


class AddressNotPublic(InvalidInput):
    """A webhook may not point into a private network."""


def check_url(url: str, *, development: bool) -> None:
    """Refuse what can be refused by looking at the URL alone; names are looked up when sending."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UrlNotUsable(
            "host or port does not read as in https://example.com:8443/", field="url"
        ) from None
    host = parts.hostname
    if not host or not url.isprintable() or " " in url:
        raise UrlNotUsable("give an absolute URL with a host", field="url")
    if port == 0:
        raise UrlNotUsable("port 0 is no port", field="url")
    if parts.username is not None or parts.password is not None:
        raise UrlNotUsable("leave user and password out: the signature proves the sender", field="url")
    if parts.fragment:
        raise UrlNotUsable("a fragment never reaches a server: leave it out", field="url")
    if parts.scheme != "https" and not (development and parts.scheme == "http" and _is_local(host)):
        if development:
            raise UrlNotUsable("the scheme must be https, or http to localhost", field="url")
        raise UrlNotUsable("the scheme must be https", field="url")
    if not development:
        literal = _literal(host)
        if _is_named_local(host) or (literal is not None and not is_public(literal)):
            raise AddressNotPublic("{host} is not a public address", field="url", host=host)


def is_public(address: Address) -> bool:
    """Whether the address is of the public internet, also when it wraps an IPv4 one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_named_local(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == _LOOPBACK_NAME or name.endswith("." + _LOOPBACK_NAME)


def _is_local(host: str) -> bool:
    literal = _literal(host)
    return _is_named_local(host) or (literal is not None and literal.is_loopback)

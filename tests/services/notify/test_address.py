from ipaddress import ip_address

import pytest

from keqing_notify.address import AddressNotPublic, UrlNotUsable, check_url, is_public


@pytest.mark.parametrize(
    "url",
    [
        "https://erp.example.com/hooks?tenant=7",
        "https://erp.example.com:8443/",
        "https://93.184.215.14/hook",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://例子.测试/钩子",
    ],
)
@pytest.mark.parametrize("development", [False, True])
def test_public_https_is_accepted(url: str, development: bool) -> None:
    check_url(url, development=development)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://erp.example.com/",
        "http://erp.example.com/",
        "erp.example.com",
        "https://",
        "https:///path",
        "https://user:pass@erp.example.com/",
        "https://user@erp.example.com/",
        "https://erp.example.com/#part",
        "https://erp.example.com:99999/",
        "https://erp.example.com:0/",
        "https://erp.example.com/a b",
        "https://erp.example.com/\x00",
        "https://[::1/",
        "javascript:alert(1)",
        "http://localhost.example.com/",
    ],
)
@pytest.mark.parametrize("development", [False, True])
def test_no_usable_url(url: str, development: bool) -> None:
    with pytest.raises(UrlNotUsable) as caught:
        check_url(url, development=development)
    assert caught.value.field == "url"


@pytest.mark.parametrize("url", ["http://localhost:9000/", "http://127.0.0.1:9000/", "http://[::1]:9000/"])
def test_plain_http_to_ones_own_machine_is_for_development_only(url: str) -> None:
    check_url(url, development=True)
    with pytest.raises(UrlNotUsable):
        check_url(url, development=False)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
        "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_outside_development(host: str) -> None:
    with pytest.raises(AddressNotPublic):
        check_url(f"https://{host}/hook", development=False)
    check_url(f"https://{host}/hook", development=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::7f00:1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("fec0::1", False),
    ],
)
def test_public_addresses_are_told_from_private_ones(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public

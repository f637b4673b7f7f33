"""Refuse every connection that leaves this machine, in the test run and in every Python that it starts.

Python imports a module of this name by itself where its folder is on PYTHONPATH; `tests/conftest.py` puts it there.
"""

import ipaddress
import sys

attempts: list[str] = []


class NetworkBlocked(OSError):
    """A test, or what it runs, reached for the network."""


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ("", "None", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return  # sockets between processes have no host
    if not _is_here(host):
        attempts.append(f"{event} {host}")
        raise NetworkBlocked(f"no network in tests: {event} {host}")


sys.addaudithook(_watch)

"""Who may open the page: the address to listen on, the password, and whether articles can be added."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open the page.

    Attributes:
        host: the address to listen on.
        user: the user name that a browser must send with `password`; "" if no password is asked for.
        read_only: nothing can be added to the archive.
    """

    host: str = "127.0.0.1"
    user: str = ""
    password: str = ""
    read_only: bool = False


def access_from_options(host: str, auth: str, *, no_auth: bool, read_only: bool) -> Access:
    """Read the access rules from command-line options.

    Args:
        host: the address to listen on.
        auth: "USER:FILE", with the password in the first line of the file; "" for no password.
        no_auth: allow other machines in without a password.
        read_only: let nobody add articles.

    Raises:
        SettingsError: the file cannot be read, or other machines would be let in without a password.
    """
    user, colon, file = auth.partition(":")
    if auth and not (user and colon and file):
        raise SettingsError(f"--auth {auth} is not understood; write it as --auth USER:FILE, the password in the file")
    password = ""
    if auth:
        try:
            password = Path(file).expanduser().read_text("utf-8").partition("\n")[0].strip()
        except (OSError, ValueError) as error:
            raise SettingsError(f"the password file {file} cannot be read: {error}") from error
        if not password:
            raise SettingsError(f"the password file {file} is empty; write the password into its first line")
    if not is_loopback(host) and not auth and not no_auth:
        raise SettingsError(
            f"on {host} others could open the page and read the archive: set a password with --auth USER:FILE, "
            "or use --no-auth to allow it"
        )
    return Access(host, user, password, read_only)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

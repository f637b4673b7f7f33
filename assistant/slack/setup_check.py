"""Whether everything is there that the bot needs: tokens, scopes, Slack itself, an archive."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.settings import Settings
from assistant.slack.access import Tokens, read_access, read_tokens
from assistant.slack.manifest import SCOPES
from assistant.slack.web_api import Refused, SlackError, Web, open_client
from ingest.archive import is_archive
from ingest.errors import KhabarError, SettingsError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; what is wrong says what to do.

    Attributes:
        reached: whether Slack was, if it was asked.
    """

    good: bool
    message: str
    reached: bool = True


def check(settings: Settings, http: bool) -> Iterator[Finding]:
    """Look at one thing after the other; what rests on something that is missing is left out.

    Args:
        settings: the archive, the lists, the address of Slack.
        http: for HTTP, and not for Socket Mode.
    """
    if is_archive(settings.archive):
        yield Finding(True, f"an archive at {settings.archive}")
    else:
        yield Finding(False, f"there is no archive at {settings.archive} yet; fill it with: khabar ingest FOLDER")
    try:
        read_access(settings)
        tokens = read_tokens(http)
    except SettingsError as error:
        yield Finding(False, str(error))
        bot = os.environ.get("SLACK_BOT_TOKEN", "").strip()
        if bot.startswith("xoxb-"):
            yield from _bot(Web(open_client(bot, settings.slack_url)))
        return
    web = Web(open_client(tokens.bot, settings.slack_url))
    found = list(_bot(web))
    yield from found
    if http:
        yield Finding(True, "SLACK_SIGNING_SECRET is set; whether it is right shows when Slack calls")
    elif all(finding.reached for finding in found):
        yield from _socket(web, tokens)


def _bot(web: Web) -> Iterator[Finding]:
    try:
        response = web.client.auth_test()
    except Exception as error:  # the library's and the network's
        data = getattr(getattr(error, "response", None), "data", None)
        said = data.get("error", "") if isinstance(data, dict) else ""
        if said:
            yield Finding(False, f"Slack does not take SLACK_BOT_TOKEN ({said}); copy it again from the app's page")
        else:
            where = f"Slack is not to be reached at {web.client.base_url} ({type(error).__name__})"
            yield Finding(False, f"{where}; check the network and KHABAR_SLACK_URL", reached=False)
        return
    yield Finding(True, f"the bot token is of {response.get('user')} in {response.get('team')}")
    headers = {name.lower(): value for name, value in response.headers.items()}
    given = headers.get("x-oauth-scopes", "")
    given = given[0] if isinstance(given, list) else given
    missing = sorted(set(SCOPES) - {scope.strip() for scope in str(given).split(",")})
    if missing:
        listed = ", ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        yield Finding(
            False, f"scopes are missing: {listed}; add them under OAuth & Permissions and install the app again"
        )
    else:
        yield Finding(True, "all scopes are there")


def _socket(web: Web, tokens: Tokens) -> Iterator[Finding]:
    try:
        web.call("apps.connections.open", token=tokens.app)
    except Refused as error:
        yield Finding(
            False,
            f"Slack does not open Socket Mode ({error.code}): SLACK_APP_TOKEN needs the scope connections:write, and "
            "Socket Mode must be on for the app",
        )
    except (SlackError, KhabarError) as error:
        yield Finding(False, str(error))
    else:
        yield Finding(True, "Socket Mode opens")

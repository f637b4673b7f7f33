"""Check that the bot has what it needs: an archive, settings, tokens, scopes, and Slack itself."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.settings import Settings
from assistant.slack.manifest import SCOPES
from assistant.slack.permissions import Tokens, read_access, read_tokens
from assistant.slack.web_api import SlackRefused, WebApi, open_client
from ingest.archive import is_archive
from ingest.errors import KhabarError, SettingsError


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; if it is not good, the message says what to do.

    Attributes:
        good: whether the check passed.
        message: for a person.
        reached: False if Slack could not be reached.
    """

    good: bool
    message: str
    reached: bool = True


def check(settings: Settings, http: bool) -> Iterator[Finding]:
    """Check one thing after the other, without those that depend on something missing.

    Args:
        settings: name the archive, the allowed ids, and the address of Slack.
        http: True if Slack calls over HTTP, False for Socket Mode.
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
        bot_token = os.environ.get("SLACK_BOT_TOKEN", "").strip()
        if bot_token.startswith("xoxb-"):
            yield from _check_bot_token(WebApi(open_client(bot_token, settings.slack_url)))
        return
    web = WebApi(open_client(tokens.bot, settings.slack_url))
    findings = list(_check_bot_token(web))
    yield from findings
    if http:
        yield Finding(True, "SLACK_SIGNING_SECRET is set; whether it is right shows when Slack calls")
    elif all(finding.reached for finding in findings):
        yield from _check_socket_mode(web, tokens)


def _check_bot_token(web: WebApi) -> Iterator[Finding]:
    try:
        response = web.client.auth_test()
    except Exception as error:  # of slack_sdk or of the network
        data = getattr(getattr(error, "response", None), "data", None)
        code = data.get("error", "") if isinstance(data, dict) else ""
        if code:
            yield Finding(False, f"Slack does not accept SLACK_BOT_TOKEN ({code}); copy it again from the app's page")
        else:
            failure = f"cannot reach Slack at {web.client.base_url} ({type(error).__name__})"
            yield Finding(False, f"{failure}; check the network and KHABAR_SLACK_URL", reached=False)
        return
    yield Finding(True, f"the bot token belongs to {response.get('user')} in {response.get('team')}")
    headers = {name.lower(): value for name, value in response.headers.items()}
    granted = headers.get("x-oauth-scopes", "")
    granted = granted[0] if isinstance(granted, list) else granted
    missing = sorted(set(SCOPES) - {scope.strip() for scope in str(granted).split(",")})
    if missing:
        purposes = ", ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        yield Finding(
            False, f"scopes are missing: {purposes}; add them under OAuth & Permissions and install the app again"
        )
    else:
        yield Finding(True, "all scopes are granted")


def _check_socket_mode(web: WebApi, tokens: Tokens) -> Iterator[Finding]:
    try:
        web.call("apps.connections.open", token=tokens.app)
    except SlackRefused as error:
        yield Finding(
            False,
            f"Slack does not open Socket Mode ({error.code}): SLACK_APP_TOKEN needs the scope connections:write, and "
            "Socket Mode must be on for the app",
        )
    except KhabarError as error:
        yield Finding(False, str(error))
    else:
        yield Finding(True, "Socket Mode opens")

"""Who may use the bot, and the tokens that it uses."""

import os
import re
from dataclasses import dataclass, field

from assistant.settings import Settings
from ingest.errors import SettingsError

_TOKEN_NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets of one Slack app; they appear in no message, log or repr.

    Attributes:
        bot: begins with "xoxb-"; for the Web API.
        app: begins with "xapp-"; for Socket Mode.
        signing: proves that a call over HTTP comes from Slack.
    """

    bot: str = field(default="", repr=False)
    app: str = field(default="", repr=False)
    signing: str = field(default="", repr=False)


def read_tokens(http: bool) -> Tokens:
    """Read the tokens from the environment.

    Args:
        http: True if Slack calls over HTTP, False for Socket Mode.

    Raises:
        SettingsError: a token that is needed is missing or of another kind.
    """
    tokens = Tokens(*(os.environ.get(name, "").strip() for name in _TOKEN_NAMES))
    needed = [("SLACK_BOT_TOKEN", tokens.bot, "xoxb-")]
    needed.append(("SLACK_SIGNING_SECRET", tokens.signing, "") if http else ("SLACK_APP_TOKEN", tokens.app, "xapp-"))
    for name, value, prefix in needed:
        if not value:
            raise SettingsError(f"{name} is not set; khabar slack --manifest and the README say where it comes from")
        if not value.startswith(prefix):
            raise SettingsError(f"{name} is another kind of token: it begins with {prefix}; see the README")
    return tokens


def any_token() -> bool:
    """Whether at least one of the tokens is set."""
    return any(os.environ.get(name, "").strip() for name in _TOKEN_NAMES)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask, and who may add articles. An empty list of teams, channels or users allows all of them."""

    teams: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    adders: frozenset[str] = frozenset()

    def allows(self, team: str, channel: str, user: str, own_team: str) -> bool:
        """Whether a user may ask in a channel.

        Args:
            team: of the user; "" if Slack does not say.
            channel: a direct message ("D...") is always an allowed channel.
            user: who asks.
            own_team: the bot's, the only one allowed if `teams` is empty.
        """
        return (
            (not team or team in (self.teams or {own_team}))
            and (not self.channels or channel in self.channels or channel.startswith("D"))
            and (not self.users or user in self.users)
        )

    def may_add(self, user: str) -> bool:
        """Whether a user may add articles: only those who are listed may."""
        return user in self.adders


def read_access(settings: Settings) -> Access:
    """Read the lists of ids from the settings, separated by commas, semicolons or spaces.

    Raises:
        SettingsError: an entry is not an id.
    """
    return Access(
        _read_ids("KHABAR_SLACK_TEAMS", settings.slack_teams, "TE"),
        _read_ids("KHABAR_SLACK_CHANNELS", settings.slack_channels, "CG"),
        _read_ids("KHABAR_SLACK_USERS", settings.slack_users, "UW"),
        _read_ids("KHABAR_SLACK_ADDERS", settings.slack_adders, "UW"),
    )


def _read_ids(name: str, value: str, first_letters: str) -> frozenset[str]:
    ids = [entry for entry in re.split(r"[\s,;]+", value) if entry]
    wrong = [entry for entry in ids if not re.fullmatch(f"[{first_letters}][A-Z0-9]+", entry)]
    if wrong:
        examples = " or ".join(f"{letter}0123ABCD" for letter in first_letters)
        raise SettingsError(f"{name}: {', '.join(wrong)} is no id; write ids as {examples}, separated by commas")
    return frozenset(ids)

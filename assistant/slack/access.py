"""Who may use the bot, and the tokens with which it speaks."""

import os
import re
from dataclasses import dataclass, field

from assistant.settings import Settings
from ingest.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets of one Slack app; they stand in no message, log or representation.

    Attributes:
        bot: begins with "xoxb-"; for everything.
        app: begins with "xapp-"; for Socket Mode.
        signing: proves that a request over HTTP comes from Slack.
    """

    bot: str = field(default="", repr=False)
    app: str = field(default="", repr=False)
    signing: str = field(default="", repr=False)


def read_tokens(http: bool) -> Tokens:
    """The tokens of the environment.

    Args:
        http: whether Slack calls over HTTP, and not the bot over Socket Mode.

    Raises:
        SettingsError: one that is needed is missing, or is none.
    """
    tokens = Tokens(*(os.environ.get(name, "").strip() for name in _NAMES))
    needed = [("SLACK_BOT_TOKEN", tokens.bot, "xoxb-")]
    needed.append(("SLACK_SIGNING_SECRET", tokens.signing, "") if http else ("SLACK_APP_TOKEN", tokens.app, "xapp-"))
    for name, value, beginning in needed:
        if not value:
            raise SettingsError(f"{name} is not set; khabar slack --manifest and the README say where it comes from")
        if not value.startswith(beginning):
            raise SettingsError(f"{name} is no such token: it begins with {beginning}; see the README")
    return tokens


def any_token() -> bool:
    """Whether the environment has a token, be it the only one."""
    return any(os.environ.get(name, "").strip() for name in _NAMES)


_NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask, and who may add articles; an empty list of teams, channels or users lets all of them through."""

    teams: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    adders: frozenset[str] = frozenset()

    def allows(self, team: str, channel: str, user: str, own: str) -> bool:
        """Whether this user may ask here.

        Args:
            team: of the user; "" where Slack does not say it.
            channel: a direct message ("D...") needs only the user.
            user: who asks.
            own: the bot's team, which alone may ask where no team is named.
        """
        return (
            (not team or team in (self.teams or {own}))
            and (not self.channels or channel in self.channels or channel.startswith("D"))
            and (not self.users or user in self.users)
        )

    def may_add(self, user: str) -> bool:
        """Whether this user may add articles: only who is named."""
        return user in self.adders


def read_access(settings: Settings) -> Access:
    """The lists of the settings: ids, between commas or spaces.

    Raises:
        SettingsError: one of them is none.
    """
    return Access(
        _ids("KHABAR_SLACK_TEAMS", settings.slack_teams, "TE"),
        _ids("KHABAR_SLACK_CHANNELS", settings.slack_channels, "CG"),
        _ids("KHABAR_SLACK_USERS", settings.slack_users, "UW"),
        _ids("KHABAR_SLACK_ADDERS", settings.slack_adders, "UW"),
    )


def _ids(name: str, value: str, beginnings: str) -> frozenset[str]:
    ids = [one for one in re.split(r"[\s,;]+", value) if one]
    wrong = [one for one in ids if not re.fullmatch(f"[{beginnings}][A-Z0-9]+", one)]
    if wrong:
        wanted = " or ".join(f"{one}0123ABCD" for one in beginnings)
        raise SettingsError(f"{name}: {', '.join(wrong)} is no id; write ids as {wanted}, with commas between them")
    return frozenset(ids)

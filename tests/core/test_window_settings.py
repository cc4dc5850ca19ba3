"""What the window remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from atomsegnet.core.settings import (
    RECENT_COUNT,
    Theme,
    WindowSettings,
    load_window_settings,
    save_window_settings,
)


def test_that_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    settings = WindowSettings(theme=Theme.DARK, last_folder=tmp_path)
    settings.remember_file(tmp_path / "a.dm4")
    path = tmp_path / "new" / "window.json"
    save_window_settings(settings, path)
    assert load_window_settings(path) == settings
    assert [item.name for item in path.parent.iterdir()] == ["window.json"]


def test_that_a_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_window_settings(tmp_path / "none.json") == WindowSettings()


@pytest.mark.parametrize("text", ["", "{", '{"theme": "pink"}', "[1]", "\x00"])
def test_that_a_damaged_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "window.json"
    path.write_text(text, encoding="utf-8")
    assert load_window_settings(path) == WindowSettings()


def test_that_fields_of_a_newer_version_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    path.write_text('{"theme": "dark", "telepathy": true}', encoding="utf-8")
    assert load_window_settings(path) == WindowSettings(theme=Theme.DARK)


def test_that_the_last_file_comes_first_and_old_ones_fall_off() -> None:
    settings = WindowSettings()
    paths = [Path(f"{number}.dm4") for number in range(RECENT_COUNT + 3)]
    for path in [*paths, paths[5]]:
        settings.remember_file(path)
    assert settings.recent_files[0] == paths[5]
    assert len(settings.recent_files) == RECENT_COUNT
    assert len(set(settings.recent_files)) == RECENT_COUNT
    settings.forget_file(paths[5])
    assert paths[5] not in settings.recent_files

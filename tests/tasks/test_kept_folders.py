"""Work that is kept does not fill the disk."""

from __future__ import annotations

import os
from pathlib import Path

from atomsegnet.tasks.kept_folders import drop_oldest, folder_of_file, work_folder

SIZE = 1000


def keep(root: Path, source: Path, age_s: float) -> Path:
    folder = work_folder(root, source)
    folder.mkdir(parents=True)
    (folder / "array.npy").write_bytes(bytes(SIZE))
    os.utime(folder_of_file(root, source), (1e9 - age_s, 1e9 - age_s))
    return folder


def test_that_the_oldest_work_gives_way_but_never_that_of_an_open_file(tmp_path: Path) -> None:
    sources = [tmp_path / f"{number}.tif" for number in range(4)]
    folders = [keep(tmp_path / "work", source, 10 - n) for n, source in enumerate(sources)]
    drop_oldest(tmp_path / "work", [sources[0]], 2 * SIZE)
    assert [folder.exists() for folder in folders] == [True, False, False, True]


def test_that_images_of_one_file_are_kept_apart(tmp_path: Path) -> None:
    source = tmp_path / "stack.dm4"
    places = {work_folder(tmp_path, source, *image) for image in ((0, ""), (1, ""), (0, "HAADF"))}
    assert len(places) == 3
    assert {place.parent for place in places} == {folder_of_file(tmp_path, source)}

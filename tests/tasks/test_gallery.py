from __future__ import annotations

import base64
import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.core.library import PRODUCTS
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.io.read import read
from atomsegnet.tasks import gallery as gallery_task
from atomsegnet.tasks.gallery import gallery, marked, preview
from atomsegnet.tasks.simulate import simulate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
CHROMIUM_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=20000", "--dump-dom",
)  # fmt: skip
COUNT = 8

# Clicks as a user does, and keeps the zip that the browser would save.
DRIVER = """
<pre id="captured"></pre>
<script>
URL.createObjectURL = (blob) => {
  const reader = new FileReader();
  reader.onload = () => { document.getElementById("captured").textContent = reader.result; };
  reader.readAsDataURL(blob);
  return "#";
};
HTMLAnchorElement.prototype.click = () => {};
document.getElementById("select_all").click();
document.getElementById("download").click();
</script>
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small library with its page."""
    folder = tmp_path_factory.mktemp("gallery") / "library"
    simulate(folder, COUNT, material="all", size=32, seed=6)
    gallery(folder)
    return folder


def index_of(library: Path) -> list[dict[str, str]]:
    with (library / "index.csv").open(newline="") as opened:
        return list(csv.DictReader(opened))


def page_in_browser(page: Path, profile: Path, state: str = "") -> str:
    """Return what a browser makes of a page."""
    assert CHROMIUM is not None
    result = subprocess.run(
        [CHROMIUM, *CHROMIUM_OPTIONS, f"--user-data-dir={profile}", f"{page.as_uri()}#{state}"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def names_of_cards(text: str) -> list[str]:
    return re.findall(r'<article class="card[^"]*" data-name="(\w+)"', text)


def test_that_the_page_needs_nothing_from_elsewhere(library: Path) -> None:
    for path in [library / "index.html", *(library / "gallery").glob("*.*")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]+/", text), path
    assert not list(library.rglob("*.woff*"))


def test_that_every_product_of_every_sample_has_a_preview(library: Path) -> None:
    for row in index_of(library):
        for product in PRODUCTS:
            path = library / "gallery" / "previews" / product / f"{row['name']}.png"
            shape = read(path).shape
            assert shape == ((64, 64) if product.endswith("2x") else (32, 32))


def test_that_files_are_packed_as_they_are(library: Path) -> None:
    script = (library / "gallery" / "files" / "image" / "000002.js").read_text()
    path, text = re.fullmatch(r'atomsegnetFile\("(.*)", "(.*)"\);\n', script).groups()
    assert base64.b64decode(text) == (library / path).read_bytes()


def test_that_a_page_is_not_replaced_without_being_asked(library: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="without being asked"):
        gallery(library)
    simulate(tmp_path / "own", 1, size=32, labels=[])
    (tmp_path / "own" / "gallery").mkdir()
    with pytest.raises(SettingError, match="no gallery of this program"):
        gallery(tmp_path / "own", overwrite=True)


def test_that_a_page_is_replaced_when_asked_and_after_a_cancel(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 1:
            raise Cancelled

    simulate(tmp_path / "l", 2, size=32, labels=["gaussianMask"], form="png")
    with pytest.raises(Cancelled):
        gallery(tmp_path / "l", report=stop)
    assert not (tmp_path / "l" / "index.html").exists()
    gallery(tmp_path / "l")
    gallery(tmp_path / "l", overwrite=True)
    assert sorted(p.name for p in (tmp_path / "l" / "gallery" / "previews").iterdir()) == [
        "gaussianMask", "image", "position",
    ]  # fmt: skip


def test_that_a_large_library_is_not_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_task, "LARGEST_PACKED_BYTES", 100)
    simulate(tmp_path / "l", 1, size=32, labels=[])
    gallery(tmp_path / "l")
    assert not (tmp_path / "l" / "gallery" / "files").exists()
    assert '"hasFiles": false' in (tmp_path / "l" / "gallery" / "samples.js").read_text()


def test_that_what_is_no_library_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="does not exist"):
        gallery(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "library.h5").write_bytes(b"no such format")
    with pytest.raises(ReadError, match="cannot be read as a library"):
        gallery(tmp_path / "one")
    (tmp_path / "index.csv").write_text("name,seed\n1,2\n")
    with pytest.raises(ReadError, match="lacks the column"):
        gallery(tmp_path)
    simulate(tmp_path / "bad", 1, size=32, labels=[])
    index = tmp_path / "bad" / "index.csv"
    index.write_text(index.read_text().replace("000000,", "../../000000,"))
    with pytest.raises(ReadError, match="no name"):
        gallery(tmp_path / "bad")


def test_that_a_library_in_one_file_gives_the_same_page(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "one"
    simulate(other, COUNT, material="all", size=32, seed=6, form="hdf5")
    gallery(other)
    for path in (library / "gallery" / "previews").rglob("*.png"):
        same = other / "gallery" / path.relative_to(library / "gallery")
        assert same.read_bytes() == path.read_bytes(), same
    for label in ("noNoise", "noNoiseUpinterpolation2x", "position"):
        suffix = "csv" if label == "position" else "tif"
        script = (other / "gallery" / "files" / label / "000002.js").read_text()
        path, text = re.fullmatch(r'atomsegnetFile\("(.*)", "(.*)"\);\n', script).groups()
        assert path == f"{label}/000002.{suffix}"
        (tmp_path / f"packed.{suffix}").write_bytes(base64.b64decode(text))
        if label == "position":
            assert (tmp_path / "packed.csv").read_bytes() == (library / path).read_bytes()
            continue
        packed, written = read(tmp_path / "packed.tif"), read(library / path)
        assert np.array_equal(packed.image, written.image)
        # The index has six digits of the pixel size.
        assert np.allclose(packed.pixel_size_nm, written.pixel_size_nm, rtol=1e-5)
    assert '"isInFolders": false' in (other / "gallery" / "samples.js").read_text()


def test_that_previews_show_what_is_there() -> None:
    image = np.linspace(-3, 5, 64 * 64, dtype=np.float32).reshape(64, 64)
    assert (preview(image).min(), preview(image).max()) == (0, 255)
    assert preview(np.zeros((8, 8), dtype=np.float32)).max() == 0
    crosses = marked(np.zeros((8, 8), dtype=np.uint8), np.array([[0.0, 0.0], [5.2, 3.9]]))
    assert np.argwhere(crosses[..., 0]).tolist() == [
        [0, 0], [0, 1], [1, 0], [4, 4], [5, 3], [5, 4], [5, 5], [6, 4],
    ]  # fmt: skip


@needs_chromium
def test_that_the_page_opens_from_disk_and_shows_every_sample(
    library: Path, tmp_path: Path
) -> None:
    text = page_in_browser(library / "index.html", tmp_path / "profile")
    assert names_of_cards(text) == [row["name"] for row in index_of(library)]
    assert f"{COUNT} of {COUNT}" in text


@needs_chromium
@pytest.mark.parametrize(
    "state", ["material={material}", "zone={zone}", "morphology={morphology}", "search={name}",
              "element={element}", "pixel_from={pixel}&pixel_to={pixel}", "dose_from={dose}"],
)  # fmt: skip
def test_that_filters_leave_what_matches(library: Path, tmp_path: Path, state: str) -> None:
    rows = index_of(library)
    one = next(row for row in rows if row["elements"])
    wanted = {
        "material": [r for r in rows if one["material"] in r["material"].split(" / ")],
        "zone": [r for r in rows if one["zone"] in r["zone"].split(" / ")],
        "morphology": [r for r in rows if r["morphology"] == one["morphology"]],
        "search": [one],
        "element": [r for r in rows if one["elements"].split()[0] in r["elements"].split()],
        "pixel_from": [one],
        "dose_from": [r for r in rows if float(r["dose_e_per_nm2"]) >= 1e5],
    }[state.partition("=")[0]]
    filled = state.format(
        **one, element=one["elements"].split()[0], pixel=one["pixel_size_pm"], dose=1e5
    )
    text = page_in_browser(library / "index.html", tmp_path / "profile", filled)
    assert names_of_cards(text) == [row["name"] for row in wanted]


@needs_chromium
def test_that_a_sample_is_shown_with_its_ten_products(library: Path, tmp_path: Path) -> None:
    text = page_in_browser(library / "index.html", tmp_path / "profile", "sample=000003")
    dialog = text[text.index("<dialog") :]
    assert re.findall(r'<img src="gallery/previews/(\w+)/000003.png"', dialog) == list(PRODUCTS)
    assert '<dialog id="sample" aria-labelledby="sample_title" data-name="000003" open' in dialog


@needs_chromium
def test_that_a_selection_is_downloaded_as_a_zip_of_the_files(
    library: Path, tmp_path: Path
) -> None:
    driven = library / "driven.html"
    page = (library / "index.html").read_text(encoding="utf-8")
    driven.write_text(page.replace("</body>", f"{DRIVER}</body>"), encoding="utf-8")
    text = page_in_browser(driven, tmp_path / "profile", "search=000001")
    driven.unlink()
    captured = re.search(r'<pre id="captured">data:application/zip;base64,([^<]+)</pre>', text)
    assert captured, text[-2000:]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(captured[1]))) as packed:
        assert packed.testzip() is None
        files = [name for name in packed.namelist() if name != "index.csv"]
        assert [Path(name).parent.name for name in files] == list(PRODUCTS)
        for name in files:
            assert packed.read(name) == (library / name).read_bytes()
        rows = list(csv.DictReader(io.StringIO(packed.read("index.csv").decode())))
    assert rows == index_of(library)[1:2]

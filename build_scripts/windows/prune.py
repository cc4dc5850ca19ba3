"""Remove from a site-packages folder what the program never uses."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

# Folders, relative to site-packages.
FOLDERS = (
    "bin", "torch/include", "torch/share", "torch/test", "torch/bin",
    "torch/utils/tensorboard", "PySide6/translations", "PySide6/qml", "PySide6/include",
    "PySide6/typesystems", "PySide6/glue", "PySide6/doc", "PySide6/scripts", "PySide6/support",
    "PySide6/plugins/sqldrivers", "PySide6/plugins/tls", "PySide6/plugins/qmltooling",
    "PySide6/plugins/networkinformation", "PySide6/plugins/generic",
    "PySide6/plugins/designer", "PySide6/plugins/qmllint", "PySide6/plugins/platforminputcontexts",
    "PySide6/plugins/vectorimageformats", "PySide6/lib", "PySide6/metatypes", "PySide6/resources",
    "matplotlib/mpl-data/sample_data", "ase/test",
    # Nobody draws with Matplotlib here; ncempy imports it, and then it wants its sans-serif fonts.
    "matplotlib/mpl-data/fonts/afm", "matplotlib/mpl-data/fonts/pdfcorefonts",
    # Of the optional parts of scikit-image and PyTorch only.
    "networkx", "pyqtgraph/examples", "pyqtgraph/opengl",
    # A baseline of the benchmark that needs torchvision.
    "atomsegnet/resources/benchmark",
)  # fmt: skip
# Test folders; of torch.testing the insides are imported by torch itself.
TESTS = re.compile(
    r"^(numpy|scipy|skimage|matplotlib|h5py|sympy|mpl_toolkits|dask|pint|PIL|rsciio"
    r"|ncempy|mrcfile|imageio|kiwisolver|fontTools|partd|toolz|tlz)/(.*/)?tests?$"
)
FILES = re.compile(
    r"^torch/.*\.(hpp|cuh|cmake|cu)$"
    # What extensions of Python are built from, or against.
    r"|\.(c|cpp|h|pyx|pxd|lib)$"
    # Images of a format that no microscope writes; Pillow does without.
    r"|^PIL/_avif\.[^/]*$"
    r"|^PySide6/[^/]*\.(exe|lib|pyi)$"
    # Modules of Qt beyond Core, Gui, Widgets, Svg, OpenGL and printing.
    r"|^PySide6/Qt6?(3D|Bluetooth|Concurrent|Designer|Help|Labs|Lottie|Network|Pdf|Qml|Quick|ShaderTools"
    r"|Sql|StateMachine|Test|UiTools|VirtualKeyboard|Web|Xml|Positioning|Multimedia)[^/]*"
    r"\.(dll|pyd)$"
    r"|^PySide6/plugins/platforms/(qdirect2d|qminimal)\.dll$"
    # Photographs for trying filters.
    r"|^skimage/data/[^/]*\.(png|jpg|gif|tif|npz|npy|xml)$"
    r"|^matplotlib/mpl-data/fonts/ttf/(STIX|DejaVuSerif)[^/]*$"
    # Reads PDF by a module that is not there.
    r"|^PySide6/plugins/imageformats/qpdf\.dll$"
    # OpenGL in software: the program draws by the raster engine.
    r"|^PySide6/opengl32sw\.dll$"
    r"|^PySide6/(avcodec|avformat|avutil|swscale|swresample)[^/]*\.dll$"
)  # fmt: skip


def prune(packages: Path) -> None:
    """Remove unused folders and files.

    Parameters
    ----------
    packages : Path
        A site-packages folder filled by pip.
    """
    for name in FOLDERS:
        shutil.rmtree(packages / name, ignore_errors=True)
    for path in sorted(packages.rglob("*")):
        name = path.relative_to(packages).as_posix()
        if path.is_dir() and TESTS.search(name):
            shutil.rmtree(path)
        elif path.is_file() and FILES.search(name):
            path.unlink()

"""Write a figure as PNG, SVG or PDF."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from atomsegnet.core.errors import WriteError
from atomsegnet.core.figure_panel import Figure
from atomsegnet.gui.figure_painter import WIDTH, figure_height, paint_figure
from atomsegnet.io.safe_write import safely_written

# A figure across two columns of a journal.
_WIDTH_MM = 180.0
_PDF_DPI = 600
_LARGEST_PNG_WIDTH = 4000
_SMALLEST_PNG_WIDTH = 1200
_PIXELS_PER_IMAGE_PIXEL = 2

FIGURE_SUFFIXES = (".png", ".svg", ".pdf")


def write_figure_file(path: Path, figure: Figure, *, overwrite: bool = False) -> None:
    """Write a figure; its suffix chooses PNG, SVG or PDF.

    Raises
    ------
    WriteError
        The file exists, cannot be written, or has another suffix.
    """
    writers = {".png": _write_png, ".svg": _write_svg, ".pdf": _write_pdf}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise WriteError(path, "is no PNG, SVG or PDF file by its name")
    with safely_written(path, overwrite=overwrite) as temporary:
        write(temporary, figure)


def _write_png(path: Path, figure: Figure) -> None:
    wanted = figure.panels[0].colors.shape[1] * min(2, len(figure.panels))
    width = _PIXELS_PER_IMAGE_PIXEL * wanted
    width = min(max(width, _SMALLEST_PNG_WIDTH), _LARGEST_PNG_WIDTH)
    height = round(width * figure_height(figure) / WIDTH)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(width / _WIDTH_MM * 1000))
    image.setDotsPerMeterY(round(width / _WIDTH_MM * 1000))
    painter = QPainter(image)
    painter.scale(width / WIDTH, width / WIDTH)
    paint_figure(painter, figure)
    painter.end()
    image.setText("Description", figure.origin)
    image.setText("Software", "AtomSegNet")
    if not image.save(str(path)):
        raise WriteError(path, "cannot be written")


def _write_svg(path: Path, figure: Figure) -> None:
    height = figure_height(figure)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setFileName(str(path))
    generator.setSize(QSize(round(WIDTH), round(height)))
    generator.setViewBox(QRectF(0, 0, WIDTH, height))
    generator.setTitle("AtomSegNet")
    generator.setDescription(escape(figure.origin))
    painter = QPainter(generator)
    paint_figure(painter, figure)
    painter.end()


def _write_pdf(path: Path, figure: Figure) -> None:
    height = figure_height(figure)
    writer = QPdfWriter(str(path))
    writer.setResolution(_PDF_DPI)
    writer.setTitle("AtomSegNet")
    writer.setCreator("AtomSegNet")
    size = QSizeF(_WIDTH_MM, _WIDTH_MM * height / WIDTH)
    page = QPageSize(
        size, QPageSize.Unit.Millimeter, "Figure", QPageSize.SizeMatchPolicy.ExactMatch
    )
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    writer.addFileAttachment("provenance.txt", figure.origin.encode(), "text/plain")
    painter = QPainter(writer)
    scale = writer.width() / WIDTH
    painter.scale(scale, scale)
    paint_figure(painter, figure)
    painter.end()

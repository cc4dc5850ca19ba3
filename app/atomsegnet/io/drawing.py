"""Drawings of lines, boxes, dots and words, written as PNG, SVG or PDF by the file's suffix."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import NamedTuple

from atomsegnet.core.errors import WriteError
from atomsegnet.io.safe_write import safely_written

Color = tuple[int, int, int]

BLACK: Color = (0, 0, 0)
GRAY: Color = (120, 120, 120)

SUFFIXES = (".png", ".svg", ".pdf")

# Pixels of a PNG for each point of a drawing, 144 to the inch.
_PNG_SCALE = 2
# Middle of the capitals above the baseline, and mean width of a letter, by the size of the text.
_CAPITALS, _LETTER = 0.36, 0.5


class Line(NamedTuple):
    """A straight line."""

    start: tuple[float, float]
    end: tuple[float, float]
    color: Color
    width: float


class Box(NamedTuple):
    """A filled rectangle: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float
    color: Color


class Dot(NamedTuple):
    """A filled circle."""

    x: float
    y: float
    radius: float
    color: Color


class Words(NamedTuple):
    """One line of text; ``anchor`` is "start", "middle" or "end", y the middle of its height."""

    x: float
    y: float
    text: str
    size: float
    anchor: str
    is_turned: bool


Shape = Line | Box | Dot | Words


@dataclass
class Drawing:
    """Shapes on a white page; lengths are in points, 1/72 inch, y downwards.

    Attributes
    ----------
    width, height : float
        Size of the page.
    shapes : list
        What is drawn, in order.
    """

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, color: Color = BLACK, width: float = 0.8
    ) -> None:
        """Draw a line."""
        self.shapes.append(Line((x, y), (to_x, to_y), color, width))

    def box(self, left: float, top: float, width: float, height: float, color: Color) -> None:
        """Fill a rectangle."""
        self.shapes.append(Box(left, top, width, height, color))

    def dot(self, x: float, y: float, radius: float, color: Color) -> None:
        """Fill a circle."""
        self.shapes.append(Dot(x, y, radius, color))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        anchor: str = "middle",
        is_turned: bool = False,
    ) -> None:
        """Write a line of text; turned ones run upwards."""
        self.shapes.append(Words(x, y, text, size, anchor, is_turned))


def write_drawing(path: Path, drawing: Drawing, *, overwrite: bool = False) -> None:
    """Write a drawing in the format that the suffix names.

    Raises
    ------
    WriteError
        The suffix is none of `SUFFIXES`, the file exists, or it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise WriteError(path, f"is no figure; its suffix may be {', '.join(SUFFIXES)}")
    with safely_written(path, overwrite=overwrite) as temporary:
        if suffix == ".png":
            _write_png(temporary, drawing)
        elif suffix == ".svg":
            temporary.write_text(_svg(drawing), encoding="utf-8")
        else:
            temporary.write_bytes(_pdf(drawing))


def _write_png(path: Path, drawing: Drawing) -> None:
    from PIL import Image, ImageDraw, ImageFont

    scale = _PNG_SCALE
    # Drawn at twice the size and reduced, since Pillow draws without smoothing.
    fine = 2 * scale
    page = Image.new("RGB", (round(drawing.width * fine), round(drawing.height * fine)), "white")
    draw = ImageDraw.Draw(page)
    for shape in drawing.shapes:
        match shape:
            case Line(start, end, color, width):
                ends = [tuple(fine * v for v in point) for point in (start, end)]
                draw.line(ends, fill=color, width=max(1, round(fine * width)))
            case Box(left, top, width, height, color):
                corners = (left, top, left + width, top + height)
                draw.rectangle([fine * v for v in corners], fill=color)
            case Dot(x, y, radius, color):
                corners = (x - radius, y - radius, x + radius, y + radius)
                draw.ellipse([fine * v for v in corners], fill=color)
            case Words(x, y, text, size, anchor, is_turned):
                font = ImageFont.load_default(round(fine * size))
                letter = {"start": "l", "middle": "m", "end": "r"}[anchor]
                if not is_turned:
                    draw.text((fine * x, fine * y), text, "black", font, anchor=f"{letter}m")
                    continue
                left, top, right, bottom = (int(v) for v in font.getbbox(text))
                strip = Image.new("RGB", (right - left + 2, bottom - top + 2), "white")
                ImageDraw.Draw(strip).text((1 - left, 1 - top), text, "black", font)
                strip = strip.transpose(Image.Transpose.ROTATE_90)
                page.paste(strip, (round(fine * x - strip.width / 2),
                                   round(fine * y - strip.height / 2)))  # fmt: skip
    whole = (round(drawing.width * scale), round(drawing.height * scale))
    page.resize(whole, Image.Resampling.BOX).save(path, format="PNG", dpi=(72 * scale, 72 * scale))


def _svg(drawing: Drawing) -> str:
    size = f"{drawing.width:g} {drawing.height:g}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'width="{drawing.width:g}pt" height="{drawing.height:g}pt" '
        'font-family="Helvetica, Arial, sans-serif">',
        '<rect width="100%" height="100%" fill="white"/>',
        *(_svg_shape(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _svg_shape(shape: Shape) -> str:
    match shape:
        case Line((x, y), (to_x, to_y), color, width):
            return (
                f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}" '
                f'stroke="rgb{color}" stroke-width="{width:g}"/>'
            )
        case Box(left, top, width, height, color):
            return (
                f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" '
                f'fill="rgb{color}"/>'
            )
        case Dot(x, y, radius, color):
            return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="rgb{color}"/>'
        case Words(x, y, text, size, anchor, is_turned):
            turn = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if is_turned else ""
            return (
                f'<text x="{x:.2f}" y="{y + _CAPITALS * size:.2f}" font-size="{size:g}" '
                f'text-anchor="{anchor}"{turn}>{escape(text)}</text>'
            )


def _pdf(drawing: Drawing) -> bytes:
    """Return a PDF of one page; text is in Helvetica, which every reader has."""
    content = "\n".join(_pdf_shape(shape, drawing.height) for shape in drawing.shapes)
    stream = content.encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {drawing.width:g} {drawing.height:g}] "
        "/Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    trailer = f"xref\n0 {count}\n0000000000 65535 f \n{table}"
    trailer += f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + trailer.encode()


def _pdf_shape(shape: Shape, height: float) -> str:
    match shape:
        case Line((x, y), (to_x, to_y), color, width):
            ends = f"{x:.2f} {height - y:.2f} m {to_x:.2f} {height - to_y:.2f} l S"
            return f"{_pdf_color(color)} RG {width:g} w 0 J {ends}"
        case Box(left, top, width, high, color):
            corner = f"{left:.2f} {height - top - high:.2f}"
            return f"{_pdf_color(color)} rg {corner} {width:.2f} {high:.2f} re f"
        case Dot(x, y, radius, color):
            # A line of no length with round ends.
            place = f"{x:.2f} {height - y:.2f}"
            return f"{_pdf_color(color)} RG {2 * radius:.2f} w 1 J {place} m {place} l S"
        case Words(x, y, text, size, anchor, is_turned):
            shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * _LETTER * size * len(text)
            safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            low = _CAPITALS * size
            if is_turned:
                matrix = f"0 1 -1 0 {x + low:.2f} {height - y - shift:.2f}"
            else:
                matrix = f"1 0 0 1 {x - shift:.2f} {height - y - low:.2f}"
            return f"BT 0 0 0 rg /F {size:g} Tf {matrix} Tm ({safe}) Tj ET"


def _pdf_color(color: Color) -> str:
    return " ".join(f"{part / 255:.3f}" for part in color)

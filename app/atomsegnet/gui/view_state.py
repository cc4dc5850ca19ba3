"""How the image is looked at: tool, comparison, region. Widgets read it and ask it to change."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from atomsegnet.core.column_quantities import Quantity
from atomsegnet.core.picture import Picture
from atomsegnet.gui.document import RAW, Document, Layer, LayerKind
from atomsegnet.gui.workspace import Workspace

_WIDEST_RULER_PX = 199


class Tool(Enum):
    """What the left button does on the image: title, key."""

    PAN = ("Move the image, select columns", "H")
    EDIT = ("Add columns by a click, move them by a drag", "E")
    BOX = ("Select what is in a box", "S")
    LASSO = ("Select what is in a loop", "L")
    RULER = ("Measure a distance", "R")

    @property
    def title(self) -> str:
        """What it is for, for the user."""
        return self.value[0]

    @property
    def key(self) -> str:
        """Its key."""
        return self.value[1]


class Comparison(Enum):
    """How two layers are seen together: title, key."""

    NONE = ("One image", "F5")
    SIDE_BY_SIDE = ("Side by side", "F6")
    CURTAIN = ("Curtain", "F7")
    FOUR = ("Four panels", "F8")

    @property
    def title(self) -> str:
        """What it is called, for the user."""
        return self.value[0]

    @property
    def key(self) -> str:
        """Its key."""
        return self.value[1]


class Region(NamedTuple):
    """A rectangle of pixels: rows and columns, the last ones excluded [px]."""

    top: int
    bottom: int
    left: int
    right: int


class SeenPart(NamedTuple):
    """What was made of a part of an image while the rest is not done yet.

    Attributes
    ----------
    region : Region
        The part.
    picture : Picture or None
        Its restored image.
    positions : ndarray of float64, shape (N, 2), or None
        Its columns, (row, column) [px of the whole image].
    """

    region: Region
    picture: Picture | None = None
    positions: npt.NDArray[np.float64] | None = None


class Ruler(NamedTuple):
    """A line on the image, (row, column) [px], and how many pixels its profile is wide."""

    start: tuple[float, float]
    end: tuple[float, float]
    width_px: int = 1


class ViewState(QObject):
    """What holds for all views of the document that is shown."""

    tool_changed = Signal()
    comparison_changed = Signal()
    blink_changed = Signal()
    region_changed = Signal()
    part_changed = Signal()
    ruler_changed = Signal()
    cross_moved = Signal()
    snap_changed = Signal()
    column_colors_changed = Signal()
    quantities_changed = Signal()
    place_wanted = Signal(float, float)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.tool = Tool.PAN
        self.is_space_held = False
        self.comparison = Comparison.NONE
        self.is_linked = True
        self.is_snapping = True
        self.blinking: str | None = None
        self.region: Region | None = None
        self.part: SeenPart | None = None
        self.ruler: Ruler | None = None
        self.cross: tuple[float, float] | None = None
        self._seen = (0.0, 0.0, 0.0, 0.0)
        self._chosen: dict[str, str] = {}
        workspace.document_changed.connect(self._on_document_changed)

    @property
    def is_panning(self) -> bool:
        """Whether a drag moves the image."""
        return self.tool is Tool.PAN or self.is_space_held

    def choose_tool(self, tool: Tool) -> None:
        """Take another tool."""
        if tool is not self.tool:
            self.tool = tool
            self.tool_changed.emit()

    def hold_space(self, is_held: bool) -> None:
        """Move the image in any tool while the space bar is held."""
        if is_held != self.is_space_held:
            self.is_space_held = is_held
            self.tool_changed.emit()

    def snap_to_center(self, is_snapping: bool) -> None:
        """Put added and moved columns on the center of the peak, or where they are put."""
        self.is_snapping = is_snapping
        self.snap_changed.emit()

    def compare(self, comparison: Comparison) -> None:
        """See two layers in another way."""
        if comparison is not self.comparison:
            self.comparison = comparison
            self.blinking = None
            self.comparison_changed.emit()

    def link(self, is_linked: bool) -> None:
        """Let views that stand side by side share zoom and place, or not."""
        self.is_linked = is_linked
        self.comparison_changed.emit()

    def compared(self, document: Document) -> tuple[Layer, Layer]:
        """Return the two layers that are compared: input and output, unless others were chosen."""
        images = [layer for layer in document.layers if layer.picture is not None]
        by_name = {layer.name: layer for layer in images}
        others = [layer for layer in images if layer.name != RAW] or images
        # What is seen, or else what is no map: that one came along with the columns.
        no_maps = [layer for layer in others if layer.kind is not LayerKind.MAP]
        others = [layer for layer in others if layer.is_visible] or no_maps or others
        first = by_name.get(self._chosen.get("first", RAW), by_name.get(RAW, images[0]))
        active = by_name.get(document.active_layer)
        is_output = active is not None and active.name != RAW
        second = active if is_output and active is not None else others[-1]
        return first, by_name.get(self._chosen.get("second", ""), second)

    def choose_compared(self, which: str, name: str) -> None:
        """Compare another layer; ``which`` is "first" or "second"."""
        self._chosen[which] = name
        self.comparison_changed.emit()

    def blink(self) -> None:
        """Show the first of the two layers alone, then the second one, and so on."""
        document = self._workspace.document
        if document is not None:
            first, second = (layer.name for layer in self.compared(document))
            self.blinking = second if self.blinking == first else first
            self.blink_changed.emit()

    def stop_blinking(self) -> None:
        """Show the layers as the list has them."""
        if self.blinking is not None:
            self.blinking = None
            self.blink_changed.emit()

    def color_columns(self, quantity: str, color_map: str) -> None:
        """Color the columns by a quantity; "" for one color."""
        document = self._workspace.document
        if document is not None:
            document.color_by, document.column_color_map = quantity, color_map
            self.column_colors_changed.emit()

    def add_quantities(self, document: Document, quantities: list[Quantity]) -> None:
        """Give the columns of a document more numbers; those of the same names are replaced."""
        names = {item.name for item in quantities}
        kept = [item for item in document.more_quantities if item.name not in names]
        document.more_quantities = [*kept, *quantities]
        if document is self._workspace.document:
            self.quantities_changed.emit()
            self.column_colors_changed.emit()

    def go_to(self, place: tuple[float, float]) -> None:
        """Bring a place, (row, column) [px], into the middle of the views."""
        self.place_wanted.emit(*place)

    @Slot()
    def auto_contrast(self) -> None:
        """Choose the contrast by percentiles of the marked region, or of all of the image."""
        region = self.region
        if region is None:
            self._workspace.repeat_auto_contrast()
        else:
            rows, columns = slice(region.top, region.bottom), slice(region.left, region.right)
            self._workspace.repeat_auto_contrast((rows, columns))

    def mark_region(self, region: Region | None) -> None:
        """Mark a part of the image; automatic contrast looks at it alone."""
        if region != self.region:
            self.region = region
            self.region_changed.emit()

    def see(self, top: float, bottom: float, left: float, right: float) -> None:
        """Say which part of the image the main view shows [px]; it may reach beyond the image."""
        self._seen = (top, bottom, left, right)

    def seen_region(self, document: Document) -> Region:
        """Return the pixels that the main view shows, at least one."""
        rows, columns = document.micrograph.shape
        top, bottom, left, right = self._seen
        first_row, last_row = _pixels(top, bottom, rows)
        first_column, last_column = _pixels(left, right, columns)
        return Region(first_row, last_row, first_column, last_column)

    def show_part(self, part: SeenPart | None) -> None:
        """Show what is done already of the image; None once all of it is."""
        if part is not self.part:
            self.part = part
            self.part_changed.emit()

    def lay_ruler(self, ruler: Ruler | None) -> None:
        """Put the ruler somewhere, or away."""
        if ruler != self.ruler:
            self.ruler = ruler
            self.ruler_changed.emit()

    def widen_ruler(self, by_px: int) -> None:
        """Average the profile over more or fewer pixels, at least one."""
        if self.ruler is not None:
            width = min(max(1, self.ruler.width_px + by_px), _WIDEST_RULER_PX)
            self.lay_ruler(self.ruler._replace(width_px=width))

    def move_cross(self, place: tuple[float, float] | None) -> None:
        """Say where in the other views the mouse would be, (row, column) [px]."""
        self.cross = place
        self.cross_moved.emit()

    @Slot()
    def _on_document_changed(self) -> None:
        self._chosen.clear()
        self.cross = None
        self.mark_region(None)
        self.show_part(None)
        self.lay_ruler(None)
        self.stop_blinking()
        self.comparison_changed.emit()


def _pixels(low: float, high: float, count: int) -> tuple[int, int]:
    """Return the first pixel of a span and the one after its last one."""
    first = min(max(round(low + 0.5), 0), count - 1)
    return first, min(max(round(high + 0.5), first + 1), count)

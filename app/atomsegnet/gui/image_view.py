"""The image with its layers: zoom, pan, fit, and where the mouse is."""

from __future__ import annotations

from enum import Enum

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from atomsegnet.gui.color_bar import ColorBar
from atomsegnet.gui.column_overlay import ColumnOverlay
from atomsegnet.gui.cross_item import CrossItem
from atomsegnet.gui.curtain import Curtain
from atomsegnet.gui.document import Document, Layer
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.graphics_view import ImageGraphicsView
from atomsegnet.gui.image_item import ImageItem
from atomsegnet.gui.part_item import PartItem
from atomsegnet.gui.ruler_item import RulerItem
from atomsegnet.gui.scale_bar import ScaleBar
from atomsegnet.gui.tools import ViewTools
from atomsegnet.gui.view_box import ImageViewBox
from atomsegnet.gui.view_label import ViewLabel
from atomsegnet.gui.view_state import Comparison, Tool
from atomsegnet.gui.workspace import Workspace

# Nobody needs to see less than this many pixels, or the image smaller than a tenth of the view.
_FEWEST_PX = 4
_LARGEST_ZOOM_OUT = 10
_OVERLAY_MARGIN = 12
_SPACINGS_AROUND = 16


class Shown(Enum):
    """What a view shows: the layers as the list has them, or one of the two compared ones."""

    LAYERS = "layers"
    FIRST = "first"
    SECOND = "second"


class ImageView(QWidget):
    """Shows the layers of the document that is shown."""

    def __init__(
        self, workspace: Workspace, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = editing.view
        self._shown = Shown.LAYERS
        self._items: dict[str, ImageItem] = {}
        self._shape: tuple[int, int] | None = None
        self._is_fitted = True
        self.view_box = ImageViewBox()
        self.view_box.setDefaultPadding(0.0)
        self.graphics = ImageGraphicsView(self)
        self.graphics.setCentralItem(self.view_box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.graphics)
        self.setMinimumSize(320, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.graphics)
        self.overlay = ColumnOverlay(workspace, self._state, self.view_box, self)
        self.tools = ViewTools(workspace, editing, self.view_box, self.overlay, self)
        self.ruler = RulerItem(workspace, self._state, self.view_box, self)
        self.part = PartItem(self._state, self.view_box, self)
        self.cross = CrossItem(self._state, self.view_box, self)
        self.curtain = Curtain(self.view_box, self)
        self.scale_bar = ScaleBar(self)
        self.scale_bar.hide()
        self.color_bar = ColorBar(workspace, self._state, self.overlay, self)
        self.label = ViewLabel(self)
        self._connect()

    def _connect(self) -> None:
        self.graphics.double_clicked.connect(self._on_double_clicked)
        self.graphics.space_held.connect(self._state.hold_space)
        self.graphics.mouse_left.connect(self._on_mouse_left)
        self.curtain.moved.connect(self._on_layers_changed)
        self.view_box.sigRangeChangedManually.connect(self._on_moved_by_hand)
        self.view_box.sigRangeChanged.connect(self._on_range_changed)
        self.graphics.scene().sigMouseMoved.connect(self._on_mouse_moved)
        workspace = self._workspace
        workspace.document_changed.connect(self._on_document_changed)
        workspace.layers_changed.connect(self._on_layers_changed)
        workspace.layer_changed.connect(self._on_layer_changed)
        workspace.pixel_size_changed.connect(self._on_range_changed)
        workspace.active_layer_changed.connect(self._on_layers_changed)
        self._state.comparison_changed.connect(self._on_layers_changed)
        self._state.blink_changed.connect(self._on_layers_changed)
        self._state.tool_changed.connect(self._on_tool_changed)

    def show_part(self, shown: Shown, has_columns: bool | None) -> None:
        """Show all layers, or one of the compared ones, with columns, without, or as listed."""
        self._shown = shown
        self.overlay.want(has_columns)
        self._on_layers_changed()

    # Zoom

    def catch_up(self) -> None:
        """Show the document that is there already, in a view that comes later."""
        self._on_document_changed()
        self.overlay.catch_up()

    def follow(self, other: pg.ViewBox) -> None:
        """Show what another view of the same size shows."""
        self._is_fitted = False
        self.view_box.setRange(other.viewRect(), padding=0.0)

    @Slot()
    def fit(self) -> None:
        """Show the whole image as large as it fits."""
        if self._shape is not None:
            self._is_fitted = True
            rows, columns = self._shape
            self.view_box.setRange(QRectF(-0.5, -0.5, columns, rows), padding=0.0)

    @Slot()
    def show_actual_size(self) -> None:
        """Show one pixel of the image on one pixel of the screen, about the same center."""
        if self._shape is not None:
            self._is_fitted = False
            seen = self.view_box.viewRect()
            ratio = self.devicePixelRatioF()
            width, height = self.view_box.width() * ratio, self.view_box.height() * ratio
            left, top = seen.center().x() - width / 2, seen.center().y() - height / 2
            self.view_box.setRange(QRectF(left, top, width, height), padding=0.0)

    def show_place(self, row: float, column: float) -> None:
        """Bring a place [px] into the middle, near enough to see its neighbors."""
        document = self._workspace.document
        if document is not None:
            self._is_fitted = False
            spacing = document.spacing_px or _FEWEST_PX
            seen = self.view_box.viewRect()
            side = min(max(seen.width(), seen.height()), _SPACINGS_AROUND * spacing)
            field = QRectF(column - side / 2, row - side / 2, side, side)
            self.view_box.setRange(field, padding=0.0)

    def zoom(self, factor: float) -> None:
        """Zoom in by a factor, or out below 1, about the center."""
        if self._shape is not None:
            self._is_fitted = False
            self.view_box.scaleBy((1 / factor, 1 / factor))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a fitted image fitted and the scale bar in its corner."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        self._on_range_changed()

    @Slot()
    def _on_moved_by_hand(self) -> None:
        self._is_fitted = False

    @Slot()
    def _on_range_changed(self) -> None:
        # Left to pyqtgraph this happens while a frame is drawn, which is drawn again for it.
        self.view_box.updateMatrix()
        document = self._workspace.document
        self.scale_bar.setVisible(document is not None)
        if document is None or self.view_box.width() <= 0:
            return
        self.scale_bar.show_scale(
            self.view_box.viewRect().width(),
            self.view_box.width(),
            document.micrograph.pixel_size_nm,
        )
        self.scale_bar.move(
            _OVERLAY_MARGIN, self.height() - self.scale_bar.height() - _OVERLAY_MARGIN
        )
        self.color_bar.place(self.width() - _OVERLAY_MARGIN, self.height() - _OVERLAY_MARGIN)

    # Layers

    @Slot()
    def _on_document_changed(self) -> None:
        for item in self._items.values():
            self.view_box.removeItem(item)
        self._items.clear()
        document = self._workspace.document
        shape = document.micrograph.shape if document is not None else None
        self._update_items(document)
        if shape is not None and shape != self._shape:
            self._shape = shape
            self._limit_zoom(*shape)
            self.fit()
        self._shape = shape
        self._on_range_changed()

    @Slot()
    def _on_layers_changed(self) -> None:
        self._update_items(self._workspace.document)

    @Slot(str)
    def _on_layer_changed(self, _name: str) -> None:
        self._update_items(self._workspace.document)

    def _update_items(self, document: Document | None) -> None:
        if document is None:
            return
        seen, curtain = self._seen_layers(document)
        known = {layer.name for layer in document.layers}
        for name in [name for name in self._items if name not in known]:
            self.view_box.removeItem(self._items.pop(name))
        is_covered = False
        for depth, layer in reversed(list(enumerate(document.layers))):
            if layer.picture is None:
                continue
            item = self._item_of(layer)
            item.set_look(layer.limits, layer.color_map, layer.gamma)
            item.set_curtain(self.curtain.place if layer.name == curtain else None)
            # What the curtain reveals lies on top, whatever the list says.
            item.setZValue(depth + len(known) * (layer.name == curtain))
            item.setOpacity(layer.opacity if self._shows_list else 1.0)
            item.setVisible(layer.name in seen and not is_covered)
            is_covered = is_covered or (
                self._shows_list and layer.name in seen and layer.opacity >= 1
            )

    @property
    def _shows_list(self) -> bool:
        """Whether the layers are seen as the list has them."""
        state = self._state
        is_single = state.comparison is Comparison.NONE and state.blinking is None
        return is_single and self._shown is Shown.LAYERS

    def _seen_layers(self, document: Document) -> tuple[set[str], str | None]:
        """Return the names of the layers that are seen, and which one the curtain reveals."""
        first, second = self._state.compared(document)
        has_curtain = self._state.comparison is Comparison.CURTAIN
        self.curtain.show_for(document.micrograph.shape if has_curtain else None)
        if self._state.blinking is not None:
            chosen = first if self._state.blinking == first.name else second
        elif self._shown is not Shown.LAYERS:
            chosen = first if self._shown is Shown.FIRST else second
        elif has_curtain:
            self.label.show_text(f"{first.title}  |  {second.title}")
            return {first.name, second.name}, second.name
        else:
            self.label.show_text("")
            return {layer.name for layer in document.layers if layer.is_visible}, None
        self.label.show_text(chosen.title)
        return {chosen.name}, None

    def _item_of(self, layer: Layer) -> ImageItem:
        item = self._items.get(layer.name)
        if item is not None and item.picture is layer.picture:
            return item
        if item is not None:
            self.view_box.removeItem(item)
        if layer.picture is None:
            raise ValueError(f"the layer {layer.name} has no image")
        item = ImageItem(layer.picture, layer.limits)
        self._items[layer.name] = item
        self.view_box.addItem(item, ignoreBounds=True)
        return item

    def _limit_zoom(self, rows: int, columns: int) -> None:
        longest = max(rows, columns) * _LARGEST_ZOOM_OUT
        self.view_box.setLimits(
            minXRange=_FEWEST_PX, minYRange=_FEWEST_PX, maxXRange=longest, maxYRange=longest
        )

    # Mouse

    @Slot(object)
    def _on_mouse_moved(self, scene_position: QPointF) -> None:
        if self._shape is not None:
            position = self.view_box.mapSceneToView(scene_position)
            self._workspace.move_pointer(position.y(), position.x())
            self._state.move_cross((position.y(), position.x()))

    @Slot()
    def _on_double_clicked(self) -> None:
        if self._state.tool is not Tool.EDIT:
            self.fit()

    @Slot()
    def _on_tool_changed(self) -> None:
        is_plain = self._state.tool is Tool.PAN and not self._state.is_space_held
        shape = Qt.CursorShape.ArrowCursor if is_plain else Qt.CursorShape.CrossCursor
        if self._state.is_space_held:
            shape = Qt.CursorShape.OpenHandCursor
        self.graphics.viewport().setCursor(shape)

    @Slot()
    def _on_mouse_left(self) -> None:
        self._state.move_cross(None)

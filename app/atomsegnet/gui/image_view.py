"""The image with its layers: zoom, pan, fit, and where the mouse is."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from atomsegnet.gui.column_overlay import ColumnOverlay
from atomsegnet.gui.document import Document, Layer
from atomsegnet.gui.image_item import ImageItem
from atomsegnet.gui.scale_bar import ScaleBar
from atomsegnet.gui.theme import CANVAS
from atomsegnet.gui.workspace import Workspace

# Nobody needs to see less than this many pixels, or the image smaller than a tenth of the view.
_FEWEST_PX = 4
_LARGEST_ZOOM_OUT = 10
_OVERLAY_MARGIN = 12


class _ViewBox(pg.ViewBox):
    """Wheel zooms at the cursor, left and middle drag pan."""

    empty_clicked = Signal()

    def __init__(self) -> None:
        super().__init__(lockAspect=True, invertY=True, enableMenu=False)

    def mouseDragEvent(self, ev: object, axis: int | None = None) -> None:
        """Pan; pyqtgraph's zoom by dragging with the right button surprises."""
        if ev.button() == Qt.MouseButton.RightButton:  # type: ignore[attr-defined]
            ev.ignore()  # type: ignore[attr-defined]
        else:
            super().mouseDragEvent(ev, axis)

    def mouseClickEvent(self, ev: object) -> None:
        """Tell of a click that met nothing."""
        if ev.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            self.empty_clicked.emit()
            ev.accept()  # type: ignore[attr-defined]


class _GraphicsView(pg.GraphicsView):
    """Tells of double-clicks, which pyqtgraph takes for single ones when they come fast."""

    double_clicked = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()


class ImageView(QWidget):
    """Shows the layers of the document that is shown."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._items: dict[str, ImageItem] = {}
        self._shape: tuple[int, int] | None = None
        self._is_fitted = True
        self.view_box = _ViewBox()
        self.view_box.setDefaultPadding(0.0)
        self.graphics = _GraphicsView(self, background=CANVAS)
        self.graphics.setCentralItem(self.view_box)
        self.graphics.setFrameShape(pg.GraphicsView.Shape.NoFrame)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.graphics)
        self.setMinimumSize(320, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.overlay = ColumnOverlay(workspace, self.view_box, self)
        self.scale_bar = ScaleBar(self)
        self.scale_bar.hide()
        self._connect()

    def _connect(self) -> None:
        self.graphics.double_clicked.connect(self.fit)
        self.view_box.empty_clicked.connect(self._on_empty_clicked)
        self.view_box.sigRangeChangedManually.connect(self._on_moved_by_hand)
        self.view_box.sigRangeChanged.connect(self._on_range_changed)
        self.graphics.scene().sigMouseMoved.connect(self._on_mouse_moved)
        workspace = self._workspace
        workspace.document_changed.connect(self._on_document_changed)
        workspace.layers_changed.connect(self._on_layers_changed)
        workspace.layer_changed.connect(self._on_layer_changed)
        workspace.pixel_size_changed.connect(self._on_range_changed)

    # Zoom

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
        layers = document.layers if document is not None else []
        is_covered = False
        for depth, layer in reversed(list(enumerate(layers))):
            if layer.picture is None:
                continue
            item = self._item_of(layer)
            item.set_limits(layer.limits)
            item.setZValue(depth)
            item.setOpacity(layer.opacity)
            item.setVisible(layer.is_visible and not is_covered)
            is_covered = is_covered or (layer.is_visible and layer.opacity >= 1)

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

    @Slot()
    def _on_empty_clicked(self) -> None:
        self._workspace.select_columns(self._workspace.selection[:0])

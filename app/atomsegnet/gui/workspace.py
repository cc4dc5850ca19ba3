"""The one observable state of the window: widgets read it and ask it to change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from atomsegnet.core.contrast import Limits
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.picture import Picture
from atomsegnet.gui.document import (
    COLUMNS,
    Document,
    DocumentKey,
    Finding,
    Layer,
    LayerKind,
    model_title,
)
from atomsegnet.gui.messages import Message, Mood
from atomsegnet.nn.registry import Output
from atomsegnet.tasks.locate import Located
from atomsegnet.tasks.process import Processed

_NO_INDICES: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)


class Workspace(QObject):
    """Open files, the document that is shown, its layers, columns and selection.

    Signals without arguments but ``files_changed`` are about the document that is shown.
    ``columns_measured`` tells of which one, and what its columns and their edits were before.
    """

    files_changed = Signal()
    document_changed = Signal()
    layers_changed = Signal()
    layer_changed = Signal(str)
    active_layer_changed = Signal()
    columns_changed = Signal()
    columns_measured = Signal(object, object, object)
    pixel_size_changed = Signal()
    selection_changed = Signal()
    pointer_moved = Signal()
    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: list[Path] = []
        self.document: Document | None = None
        self.selection = _NO_INDICES
        self.pointer: tuple[float, float] | None = None
        self._documents: dict[DocumentKey, Document] = {}
        self.typed_pixel_sizes: dict[Path, PixelSize] = {}

    # Files

    def add_paths(self, paths: list[Path]) -> None:
        """Add files to the list; those that are in it already stay where they are."""
        fresh = [path for path in dict.fromkeys(paths) if path not in self.paths]
        if fresh:
            self.paths.extend(fresh)
            self.files_changed.emit()

    def close_path(self, path: Path) -> None:
        """Take a file off the list and drop everything that was made of it."""
        if path not in self.paths:
            return
        self.paths.remove(path)
        self._documents = {key: kept for key, kept in self._documents.items() if key.path != path}
        if self.document is not None and self.document.key.path == path:
            self._show(None)
        self.files_changed.emit()

    def documents_of(self, path: Path) -> list[Document]:
        """Return the open micrographs of a file, the one that is shown first."""
        found = [document for key, document in self._documents.items() if key.path == path]
        return sorted(found, key=lambda document: document is not self.document)

    def kept_document(self, key: DocumentKey) -> Document | None:
        """Return the document of this key if it is still open."""
        return self._documents.get(key)

    def is_open(self, document: Document) -> bool:
        """Whether a result for this document still has a place to go."""
        return self._documents.get(document.key) is document

    def show_document(self, document: Document) -> None:
        """Show a document; the one before is dropped if nothing was made of it."""
        before = self.document
        if before is document:
            return
        if before is not None and not before.has_results:
            self._documents.pop(before.key, None)
        self._documents[document.key] = document
        typed = self.typed_pixel_sizes.get(document.key.path)
        if typed is not None and document.micrograph.pixel_size_nm != typed:
            document.use_pixel_size(typed)
        self._show(document)
        self.files_changed.emit()

    def _show(self, document: Document | None) -> None:
        self.document = document
        self.selection = _NO_INDICES
        self.pointer = None
        self.document_changed.emit()

    # Layers

    def set_visible(self, name: str, is_visible: bool) -> None:
        """Show or hide a layer."""
        if self._change(name, "is_visible", is_visible):
            self.active_layer_changed.emit()

    def set_opacity(self, name: str, opacity: float) -> None:
        """Set the opacity of a layer, 0 to 1."""
        self._change(name, "opacity", opacity)

    def set_color_map(self, name: str, color_map: str) -> None:
        """Choose the colors of an image layer; no model ever sees them."""
        self._change(name, "color_map", color_map)

    def set_gamma(self, gamma: float) -> None:
        """Bend the contrast of the layer it acts on; no model ever sees it."""
        if self.document is not None and self.document.contrast_layer.has_gamma:
            self._change(self.document.contrast_layer.name, "gamma", gamma)

    def _change(self, name: str, what: str, value: object) -> bool:
        """Set one attribute of a layer and tell; return whether it was another one."""
        layer = self._layer(name)
        if layer is None or getattr(layer, what) == value:
            return False
        setattr(layer, what, value)
        self.layer_changed.emit(name)
        return True

    def set_active_layer(self, name: str) -> None:
        """Choose the layer that contrast and the visibility key act on."""
        if self.document is not None and self.document.active_layer != name:
            self.document.active_layer, self.document.contrast_repetition = name, 0
            self.active_layer_changed.emit()

    def toggle_active_layer(self) -> None:
        """Show the active layer, or hide it if it is seen."""
        layer = self._layer(self.document.active_layer) if self.document is not None else None
        if layer is not None:
            self.set_visible(layer.name, not layer.is_visible)

    def set_limits(self, limits: Limits) -> None:
        """Set the contrast of the layer it acts on; no model ever sees it."""
        if self.document is not None:
            self.document.contrast_repetition = 0
            self._change(self.document.contrast_layer.name, "limits", limits)

    def reset_limits(self) -> None:
        """Choose the contrast as on load."""
        if self.document is not None:
            self.document.contrast_repetition = 0
            self.set_gamma(1.0)
            layer = self.document.contrast_layer
            self._change(layer.name, "limits", layer.limits_on_load())

    def repeat_auto_contrast(self, region: tuple[slice, slice] | None = None) -> None:
        """Choose the contrast by percentiles, letting more saturate at each repetition.

        Those of a region of the image, if one is given.
        """
        document = self.document
        if document is None:
            return
        layer, picture = document.contrast_layer, document.contrast_picture
        if layer.limits == picture.limits(document.contrast_repetition, region):
            document.contrast_repetition += 1
        limits = picture.limits(document.contrast_repetition, region)
        self._change(layer.name, "limits", limits)

    def _layer(self, name: str) -> Layer | None:
        return None if self.document is None else self.document.layer(name)

    # Results

    def add_processed(self, document: Document, processed: Processed, picture: Picture) -> None:
        """Give a document what a model made of it; dropped if the document was closed."""
        if not self.is_open(document):
            return
        self._put_picture(document, processed, picture, is_visible=True)
        document.active_layer, document.contrast_repetition = processed.model, 0
        self.tell_layers_changed(document)
        self.files_changed.emit()

    def put_layer(self, document: Document, layer: Layer) -> None:
        """Give a document an image layer and work on it; dropped if the document was closed."""
        if self.is_open(document):
            layer.limits = layer.limits_on_load()
            document.put_layer(layer)
            document.active_layer = layer.name
            self.tell_layers_changed(document)

    def add_located(
        self, document: Document, finding: Finding, *, is_preview: bool = False
    ) -> None:
        """Give a document its columns, and the map they come from if that is new.

        A preview is for the eye, while the threshold moves; it is not exported.
        """
        if not self.is_open(document):
            return
        located, spacing_px, map_picture = finding
        if map_picture is not None:
            self._put_picture(document, located.processed, map_picture, is_visible=False)
        is_first = document.layer(COLUMNS) is None
        if is_first:
            document.put_layer(Layer(COLUMNS, "Columns", LayerKind.COLUMNS))
            document.active_layer = COLUMNS
        before, edits = document.measured, document.edits
        document.is_preview = is_preview
        if is_first or map_picture is not None:
            self.tell_layers_changed(document)
        self.put_columns(document, located, spacing_px)
        if not is_preview:
            document.edits = ()
            self.columns_measured.emit(document, before, edits)

    def put_columns(
        self,
        document: Document,
        located: Located,
        spacing_px: float | None,
        selection: npt.NDArray[np.intp] = _NO_INDICES,
    ) -> None:
        """Give a document other columns, some of them selected."""
        # The pixel size may have been typed meanwhile.
        document.located = replace(located, micrograph=document.micrograph)
        document.spacing_px = spacing_px
        document.more_quantities, document.lattice = [], None
        if not document.is_preview:
            document.measured = document.located
        if document is self.document:
            self.selection = selection
            self.columns_changed.emit()
            self.selection_changed.emit()
        self.files_changed.emit()

    def tell_layers_changed(self, document: Document) -> None:
        """Tell that layers came, went, or were named or ordered anew."""
        if document is self.document:
            self.layers_changed.emit()
            self.active_layer_changed.emit()

    def _put_picture(
        self, document: Document, processed: Processed, picture: Picture, *, is_visible: bool
    ) -> None:
        document.processed[processed.model] = processed
        is_map = processed.output is Output.MAP
        layer = Layer(
            processed.model,
            model_title(processed.model),
            LayerKind.MAP if is_map else LayerKind.RESTORED,
            picture,
            is_visible=is_visible,
        )
        layer.limits = layer.limits_on_load()
        document.put_layer(layer)
        if is_visible:
            layer.is_visible = True

    # Scale, selection, messages

    def type_pixel_size(self, pixel_size_nm: PixelSize | None) -> None:
        """Use a typed pixel size [nm] for every image of this file; None for the file's own."""
        if self.document is None:
            return
        path = self.document.key.path
        if pixel_size_nm is None:
            self.typed_pixel_sizes.pop(path, None)
        else:
            self.typed_pixel_sizes[path] = pixel_size_nm
        for document in self.documents_of(path):
            document.use_pixel_size(pixel_size_nm)
        self.pixel_size_changed.emit()

    def select_columns(self, indices: npt.NDArray[np.intp]) -> None:
        """Select columns by their index in the table."""
        chosen = np.unique(np.asarray(indices, dtype=np.intp))
        if not np.array_equal(chosen, self.selection):
            self.selection = chosen
            self.selection_changed.emit()

    def move_pointer(self, row: float, column: float) -> None:
        """Say where on the image the mouse is [px]."""
        self.pointer = (row, column)
        self.pointer_moved.emit()

    def post(self, text: str, mood: Mood = Mood.NEWS, details: str = "") -> None:
        """Tell the user something in one sentence."""
        self.posted.emit(Message(text, mood, details))

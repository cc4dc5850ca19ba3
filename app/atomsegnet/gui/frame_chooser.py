"""Frame and detector of the file that is shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSlider, QSpinBox, QWidget

from atomsegnet.gui.opening import Opening
from atomsegnet.gui.workspace import Workspace

# While the slider is dragged, a frame is read once it has rested this long.
_SETTLING_MS = 120


class FrameChooser(QWidget):
    """Shown only for files with several frames or detectors."""

    def __init__(
        self, workspace: Workspace, opening: Opening, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._opening = opening
        self.detector_label = QLabel("Detector")
        self.detector = QComboBox()
        self.detector.setAccessibleName("Detector")
        self.detector.setMinimumContentsLength(8)
        self.frame_label = QLabel("Frame")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Frame")
        self.number = QSpinBox()
        self.number.setKeyboardTracking(False)
        layout = QGridLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addWidget(self.detector_label, 0, 0)
        layout.addWidget(self.detector, 0, 1, 1, 2)
        layout.addWidget(self.frame_label, 1, 0)
        layout.addWidget(self.slider, 1, 1)
        layout.addWidget(self.number, 1, 2)
        layout.setColumnStretch(1, 1)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLING_MS)
        self._settling.timeout.connect(self._on_chosen)
        self.detector.currentIndexChanged.connect(self._on_chosen)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.number.valueChanged.connect(self._on_number_changed)
        workspace.document_changed.connect(self._on_document_changed)
        self._on_document_changed()

    @Slot()
    def _on_document_changed(self) -> None:
        document = self._workspace.document
        micrograph = document.micrograph if document is not None else None
        frames = micrograph.frame_count if micrograph is not None else 1
        detectors = micrograph.detectors if micrograph is not None else ()
        self._settling.stop()
        if micrograph is not None:
            with (
                QSignalBlocker(self.detector),
                QSignalBlocker(self.slider),
                QSignalBlocker(self.number),
            ):
                self.detector.clear()
                self.detector.addItems([name or "Image" for name in detectors])
                if micrograph.detector in detectors:
                    self.detector.setCurrentIndex(detectors.index(micrograph.detector))
                self.slider.setRange(1, frames)
                self.number.setRange(1, frames)
                self.number.setSuffix(f" of {frames}")
                self.slider.setValue(micrograph.frame + 1)
                self.number.setValue(micrograph.frame + 1)
        self.detector_label.setVisible(len(detectors) > 1)
        self.detector.setVisible(len(detectors) > 1)
        for widget in (self.frame_label, self.slider, self.number):
            widget.setVisible(frames > 1)
        self.setVisible(len(detectors) > 1 or frames > 1)

    @Slot(int)
    def _on_slider_moved(self, value: int) -> None:
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self._settling.start()

    @Slot(int)
    def _on_number_changed(self, value: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(value)
        self._settling.start()

    @Slot()
    def _on_chosen(self) -> None:
        document = self._workspace.document
        if document is None:
            return
        detectors = document.micrograph.detectors
        place = self.detector.currentIndex()
        chosen = detectors[place] if 0 <= place < len(detectors) else document.key.detector
        # Another detector may have fewer frames; its first one always exists.
        is_same = chosen == document.key.detector
        self._opening.show_frame(self.number.value() - 1 if is_same else 0, chosen)

"""Step two: find the columns, and move the threshold while they follow."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QWidget,
)

from atomsegnet.analysis.calibration import calibrated
from atomsegnet.core.picture import Picture
from atomsegnet.gui.document import Document
from atomsegnet.gui.methods import METHODS
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.runs import Runs
from atomsegnet.gui.threshold_plot import ThresholdPlot
from atomsegnet.gui.workspace import Workspace

_STEPS = 1000


class LocatePanel(Panel):
    """Locate, method, threshold."""

    def __init__(self, workspace: Workspace, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__("Locate", parent)
        self._workspace = workspace
        self._runs = runs
        self.locate = QPushButton("Locate columns")
        self.locate.setToolTip("Find every atomic column and measure its position (Ctrl+L).")
        self.method = QComboBox()
        self.method.setAccessibleName("Method")
        for name, (title, tip) in METHODS.items():
            self.method.addItem(title, name)
            self.method.setItemData(self.method.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.method.setCurrentIndex(max(0, self.method.findData(runs.method)))
        self.automatic = QCheckBox("Otsu")
        self.automatic.setChecked(True)
        self.automatic.setToolTip("Choose the threshold by Otsu's method.")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, _STEPS - 1)
        self.slider.setAccessibleName("Threshold")
        self.number = QDoubleSpinBox()
        self.number.setRange(1 / _STEPS, 1 - 1 / _STEPS)
        self.number.setDecimals(3)
        self.number.setSingleStep(0.01)
        self.number.setKeyboardTracking(False)
        self.plot = ThresholdPlot()
        self._shown_map: Picture | None = None
        self.area = QDoubleSpinBox()
        self.area.setRange(0, 10000)
        self.area.setDecimals(1)
        self.area.setSuffix(" px\N{SUPERSCRIPT TWO}")
        self.area.setKeyboardTracking(False)
        self.area.setToolTip("Smaller regions of the column map are left out.")
        self.split = QCheckBox("Split touching")
        self.split.setChecked(True)
        self.split.setToolTip("Take columns that touch on the map apart.")
        self._lay_out()
        self._connect()
        self._on_state_changed()

    def _lay_out(self) -> None:
        tip = "Lowest value of the column map that counts as a column; columns follow as it moves."
        for widget in (self.slider, self.number, self.plot):
            widget.setToolTip(tip)
        threshold = QHBoxLayout()
        threshold.addWidget(self.automatic)
        threshold.addWidget(self.slider, 1)
        threshold.addWidget(self.number)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Method", self.method)
        form.addRow("Threshold", threshold)
        form.addRow("", self.plot)
        regions = QHBoxLayout()
        regions.addWidget(self.area, 1)
        regions.addWidget(self.split)
        form.addRow("Least area", regions)
        self.body.addLayout(form)
        self.body.addWidget(self.locate)

    def _connect(self) -> None:
        self.locate.clicked.connect(self._on_locate_clicked)
        self.method.currentIndexChanged.connect(self._on_method_changed)
        self.automatic.toggled.connect(self._on_automatic_toggled)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.number.valueChanged.connect(self._on_number_changed)
        self.plot.threshold_dragged.connect(self._choose)
        self.area.valueChanged.connect(self._on_regions_changed)
        self.split.toggled.connect(self._on_regions_changed)
        self._workspace.document_changed.connect(self._on_state_changed)
        self._workspace.columns_changed.connect(self._on_state_changed)
        self._runs.changed.connect(self._on_state_changed)

    @Slot()
    def _on_state_changed(self) -> None:
        document = self._workspace.document
        located = document.located if document is not None else None
        self.locate.setEnabled(document is not None and not self._runs.is_running_on(document))
        for widget in (self.automatic, self.slider, self.number, self.area, self.split):
            widget.setEnabled(located is not None)
        with QSignalBlocker(self.area), QSignalBlocker(self.split):
            self.area.setValue(document.minimum_area_px if document is not None else 0.0)
            self.split.setChecked(document is None or document.splits_touching)
        self._show_map(document)
        with QSignalBlocker(self.automatic):
            self.automatic.setChecked(document is None or document.chosen_threshold is None)
        if document is not None and document.chosen_threshold is not None:
            self._show_threshold(document.chosen_threshold)
        elif located is not None:
            self._show_threshold(located.threshold)

    def _show_map(self, document: Document | None) -> None:
        located = document.located if document is not None else None
        layer = document.layer(located.processed.model) if document and located else None
        picture = layer.picture if layer is not None else None
        if picture is not self._shown_map:
            self._shown_map = picture
            self.plot.show_map(calibrated(picture.sample) if picture is not None else None)

    def _show_threshold(self, threshold: float) -> None:
        self.plot.show_threshold(threshold)
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold * _STEPS))
            self.number.setValue(threshold)

    @Slot()
    def _on_locate_clicked(self) -> None:
        self._runs.locate()

    @Slot()
    def _on_method_changed(self) -> None:
        self._runs.choose_method(self.method.currentData())

    @Slot(bool)
    def _on_automatic_toggled(self, is_automatic: bool) -> None:
        self._runs.choose_threshold(None if is_automatic else self.number.value())

    @Slot(int)
    def _on_slider_moved(self, value: int) -> None:
        self._choose(value / _STEPS)

    @Slot(float)
    def _on_number_changed(self, value: float) -> None:
        self._choose(value)

    @Slot()
    def _on_regions_changed(self) -> None:
        self._runs.choose_regions(self.area.value(), self.split.isChecked())

    @Slot(float)
    def _choose(self, threshold: float) -> None:
        self._show_threshold(threshold)
        with QSignalBlocker(self.automatic):
            self.automatic.setChecked(False)
        self._runs.choose_threshold(threshold)

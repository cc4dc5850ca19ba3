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

from atomsegnet.gui.methods import METHODS
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.runs import Runs
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
        self.automatic = QCheckBox("Automatic (Otsu)")
        self.automatic.setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, _STEPS - 1)
        self.slider.setAccessibleName("Threshold")
        self.number = QDoubleSpinBox()
        self.number.setRange(1 / _STEPS, 1 - 1 / _STEPS)
        self.number.setDecimals(3)
        self.number.setSingleStep(0.01)
        self.number.setKeyboardTracking(False)
        self._lay_out()
        self._connect()
        self._on_state_changed()

    def _lay_out(self) -> None:
        tip = "Lowest value of the column map that counts as a column; columns follow as it moves."
        for widget in (self.slider, self.number):
            widget.setToolTip(tip)
        threshold = QHBoxLayout()
        threshold.addWidget(self.slider, 1)
        threshold.addWidget(self.number)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Method", self.method)
        form.addRow("Threshold", self.automatic)
        form.addRow("", threshold)
        self.body.addLayout(form)
        self.body.addWidget(self.locate)

    def _connect(self) -> None:
        self.locate.clicked.connect(self._on_locate_clicked)
        self.method.currentIndexChanged.connect(self._on_method_changed)
        self.automatic.toggled.connect(self._on_automatic_toggled)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.number.valueChanged.connect(self._on_number_changed)
        self._workspace.document_changed.connect(self._on_state_changed)
        self._workspace.columns_changed.connect(self._on_state_changed)
        self._runs.changed.connect(self._on_state_changed)

    @Slot()
    def _on_state_changed(self) -> None:
        document = self._workspace.document
        located = document.located if document is not None else None
        self.locate.setEnabled(document is not None and not self._runs.is_running_on(document))
        for widget in (self.automatic, self.slider, self.number):
            widget.setEnabled(located is not None)
        with QSignalBlocker(self.automatic):
            self.automatic.setChecked(document is None or document.chosen_threshold is None)
        if document is not None and document.chosen_threshold is not None:
            self._show_threshold(document.chosen_threshold)
        elif located is not None:
            self._show_threshold(located.threshold)

    def _show_threshold(self, threshold: float) -> None:
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

    def _choose(self, threshold: float) -> None:
        self._show_threshold(threshold)
        with QSignalBlocker(self.automatic):
            self.automatic.setChecked(False)
        self._runs.choose_threshold(threshold)

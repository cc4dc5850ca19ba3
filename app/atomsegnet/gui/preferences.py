"""Preferences: each applies at once, and has its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
)

from atomsegnet.core.settings import Theme, WindowSettings
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.document import model_title
from atomsegnet.gui.methods import METHODS
from atomsegnet.nn.registry import Output, installed_tasks
from atomsegnet.tasks.locate import DEFAULT_METHOD

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow

_THEMES = {Theme.SYSTEM: "Follow the system", Theme.LIGHT: "Light", Theme.DARK: "Dark"}
_WIDTH = 420
_LONGEST_MINUTES = 24 * 60


class Preferences(QDialog):
    """What the user likes; titles, help and defaults are those of `WindowSettings`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(_WIDTH)
        self._window = window
        self.theme, self.model, self.method = QComboBox(), QComboBox(), QComboBox()
        for title in _THEMES.values():
            self.theme.addItem(title)
        for name, task in installed_tasks().items():
            if task.output is Output.MAP:
                self.model.addItem(model_title(name), name)
        for name, (title, _tip) in METHODS.items():
            self.method.addItem(title, name)
        self.session = QCheckBox("Open the files of the last session")
        self.minutes = QSpinBox()
        self.minutes.setRange(1, _LONGEST_MINUTES)
        self.minutes.setSuffix(" min")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in (
            ("theme", self.theme), ("map_model", self.model), ("locate_method", self.method),
            ("restores_session", self.session), ("retrain_minutes", self.minutes),
        ):  # fmt: skip
            declared = WindowSettings.model_fields[name]
            field.setToolTip(declared.description or "")
            field.setAccessibleName(declared.title or name)
            form.addRow(declared.title or name, field)
        standard = QDialogButtonBox.StandardButton
        self.buttons = dialog_buttons(standard.RestoreDefaults | standard.Close)
        self.defaults = self.buttons.button(standard.RestoreDefaults)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self._show()
        self.theme.currentIndexChanged.connect(self._on_theme_changed)
        self.model.currentIndexChanged.connect(self._on_model_changed)
        self.method.currentIndexChanged.connect(self._on_method_changed)
        self.session.toggled.connect(self._on_session_toggled)
        self.minutes.valueChanged.connect(self._on_minutes_changed)
        self.defaults.clicked.connect(self._on_defaults_clicked)
        self.buttons.rejected.connect(self.reject)

    def _show(self) -> None:
        settings = self._window.settings
        self.theme.setCurrentIndex(list(_THEMES).index(settings.theme))
        self.model.setCurrentIndex(max(0, self.model.findData(self._window.runs.map_model)))
        self.method.setCurrentIndex(self.method.findData(self._window.runs.method))
        self.session.setChecked(settings.restores_session)
        self.minutes.setValue(settings.retrain_minutes)

    @Slot()
    def _on_theme_changed(self) -> None:
        # The menu lists them in the same order.
        place = self.theme.currentIndex()
        self._window.menus.themes.actions()[place].trigger()

    @Slot()
    def _on_model_changed(self) -> None:
        self._window.runs.map_model = self.model.currentData()

    @Slot()
    def _on_method_changed(self) -> None:
        choice = self._window.right.locate.method
        choice.setCurrentIndex(choice.findData(self.method.currentData()))

    @Slot(bool)
    def _on_session_toggled(self, is_on: bool) -> None:
        self._window.settings.restores_session = is_on

    @Slot(int)
    def _on_minutes_changed(self, minutes: int) -> None:
        self._window.settings.retrain_minutes = minutes

    @Slot()
    def _on_defaults_clicked(self) -> None:
        default = WindowSettings()
        self.theme.setCurrentIndex(list(_THEMES).index(default.theme))
        self.model.setCurrentIndex(self.model.findData(default.map_model))
        self.method.setCurrentIndex(self.method.findData(default.locate_method or DEFAULT_METHOD))
        self.session.setChecked(default.restores_session)
        self.minutes.setValue(default.retrain_minutes)

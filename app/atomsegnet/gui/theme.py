"""Light and dark colors, following the system unless the user chose one, and tinted icons."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from atomsegnet.core.settings import Theme
from atomsegnet.paths import resources_folder

# The canvas is a neutral dark in both themes, so that the eye judges contrast alike.
CANVAS = QColor("#1b1b1c")
# From the palette of Okabe and Ito (jfly.uni-koeln.de/color, 2008), safe for color-blind eyes.
COLUMN_COLOR = QColor("#f26a10")
EDGE_COLUMN_COLOR = QColor("#56b4e9")
SELECTED_COLOR = QColor("#ffffff")

_Role = QPalette.ColorRole
_LIGHT = {
    _Role.Window: "#f1f1ef",
    _Role.WindowText: "#202224",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f6f6f5",
    _Role.Text: "#202224",
    _Role.PlaceholderText: "#7c7f82",
    _Role.Button: "#f9f9f8",
    _Role.ButtonText: "#202224",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#202224",
    _Role.Highlight: "#2f6fae",
    _Role.HighlightedText: "#ffffff",
    _Role.Link: "#1f63a8",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e6e6e4",
    _Role.Mid: "#cbcbc8",
    _Role.Dark: "#a9a9a6",
    _Role.Shadow: "#6d6d6b",
    _Role.BrightText: "#b3261e",
}
_DARK = {
    _Role.Window: "#2b2c2e",
    _Role.WindowText: "#e3e3e1",
    _Role.Base: "#202123",
    _Role.AlternateBase: "#26272a",
    _Role.Text: "#e3e3e1",
    _Role.PlaceholderText: "#8b8d90",
    _Role.Button: "#3a3b3e",
    _Role.ButtonText: "#e3e3e1",
    _Role.ToolTipBase: "#3a3b3e",
    _Role.ToolTipText: "#e3e3e1",
    _Role.Highlight: "#3f7fbf",
    _Role.HighlightedText: "#ffffff",
    _Role.Link: "#7db7ee",
    _Role.Light: "#4a4b4e",
    _Role.Midlight: "#3f4043",
    _Role.Mid: "#4b4c50",
    _Role.Dark: "#17181a",
    _Role.Shadow: "#0d0d0e",
    _Role.BrightText: "#ff8a80",
}
_DISABLED = {False: "#a2a4a6", True: "#77797c"}
_DISABLED_ROLES = (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText)

_ICON_SIDES = (16, 20, 24, 32, 48, 64)


class Theming(QObject):
    """Applies a theme to the application and keeps following the system."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        QApplication.setStyle(QStyleFactory.create("Fusion"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def theme(self) -> Theme:
        """What the user chose."""
        return self._theme

    @property
    def is_dark(self) -> bool:
        """Whether the window is dark now."""
        if self._theme is Theme.SYSTEM:
            return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._theme is Theme.DARK

    def choose(self, theme: Theme) -> None:
        """Use a theme from now on."""
        self._theme = theme
        self._apply()

    def _apply(self) -> None:
        QApplication.setPalette(make_palette(is_dark=self.is_dark))
        self.changed.emit()

    @Slot()
    def _on_system_changed(self) -> None:
        if self._theme is Theme.SYSTEM:
            self._apply()


def make_palette(*, is_dark: bool) -> QPalette:
    """Return the colors of the light or the dark window."""
    palette = QPalette()
    for role, color in (_DARK if is_dark else _LIGHT).items():
        palette.setColor(role, QColor(color))
    for role in _DISABLED_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[is_dark]))
    highlight = "#4b4c50" if is_dark else "#d5d5d2"
    palette.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor(highlight))
    return palette


def program_icon() -> QIcon:
    """Return the icon of the program."""
    return _drawn("atomsegnet", "#000000", "#000000")


def tinted_icon(name: str, palette: QPalette) -> QIcon:
    """Return an icon of ``resources/icons`` in the text color of a palette."""
    normal = palette.color(QPalette.ColorGroup.Active, _Role.ButtonText)
    disabled = palette.color(QPalette.ColorGroup.Disabled, _Role.ButtonText)
    return _drawn(name, normal.name(), disabled.name())


def _drawn(name: str, normal: str, disabled: str) -> QIcon:
    drawing = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for color, mode in ((normal, QIcon.Mode.Normal), (disabled, QIcon.Mode.Disabled)):
        tinted = QByteArray(drawing.replace("currentColor", color).encode())
        renderer = QSvgRenderer(tinted)
        for side in _ICON_SIDES:
            icon.addPixmap(_rendered(renderer, side), mode)
    return icon


def _rendered(renderer: QSvgRenderer, side: int) -> QPixmap:
    pixmap = QPixmap(QSize(side, side))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap

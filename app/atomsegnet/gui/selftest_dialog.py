"""The self-test in a window: its lines as they come, to be copied into a message."""

from __future__ import annotations

from PySide6.QtCore import QProcess, QProcessEnvironment, Qt, Slot
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.paths import program_command

_SIZE = (860, 560)
_PATIENCE_MS = 3000
_EXPLANATION = (
    "AtomSegNet tries everything it does on samples of its own, in a process of its own. This "
    "takes about a minute; a second window appears for a moment. Your files are not touched, and "
    "nothing leaves this computer."
)


class SelfTestDialog(QDialog):
    """Runs the self-test while it is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Self-test")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        explanation = QLabel(_EXPLANATION)
        explanation.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.verdict = QLabel("Running\N{HORIZONTAL ELLIPSIS}")
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton("&Copy")
        self.copy.clicked.connect(self._on_copy_clicked)
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(10)
        for widget in (explanation, self.text, self.verdict, buttons):
            layout.addWidget(widget)
        self.process = QProcess(self)
        self._start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the self-test; what it wrote was temporary."""
        if self.process.state() is not QProcess.ProcessState.NotRunning:
            self.process.finished.disconnect(self._on_finished)
            # Asked to end, it ends its own children and clears up.
            self.process.terminate()
            if not self.process.waitForFinished(_PATIENCE_MS):
                self.process.kill()
                self.process.waitForFinished()
        super().closeEvent(event)

    def _start(self) -> None:
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        self.process.setProcessEnvironment(environment)
        self.process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self.process.readyReadStandardOutput.connect(self._on_output)
        self.process.finished.connect(self._on_finished)
        self.process.errorOccurred.connect(self._on_error)
        program, *arguments = program_command()
        self.process.start(program, [*arguments, "--selftest"])

    @Slot()
    def _on_output(self) -> None:
        piece = bytes(self.process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.insertPlainText(piece.replace("\r\n", "\n"))

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        if status is QProcess.ExitStatus.CrashExit:
            self.verdict.setText("The self-test was ended from outside or crashed.")
        elif code == 0:
            self.verdict.setText("Everything is as it should be.")
        else:
            self.verdict.setText("Something is wrong; the lines marked FAIL say what.")

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.verdict.setText(f"It could not be started: {self.process.errorString()}.")

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

"""The difference of two layers, as a layer of its own."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, Slot

from atomsegnet.core.color_maps import TWO_SIDED
from atomsegnet.core.micrograph import FloatImage
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.document import Document, Layer, LayerKind
from atomsegnet.gui.jobs import Job, Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_MINUS = "\N{MINUS SIGN}"


def difference_picture(first: FloatImage, second: FloatImage, report: Report) -> Picture:
    """Return the second image minus the first one, ready for the screen."""
    report(Progress(0, 1, "Subtracting"))
    return make_picture(second - first)


class Differences(QObject):
    """Subtracts the layers that are compared."""

    def __init__(self, workspace: Workspace, state: ViewState, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self._jobs = jobs
        self._waiting: dict[Job, tuple[Document, Layer]] = {}

    @Slot()
    def subtract(self) -> None:
        """Make a layer of the second compared layer minus the first one."""
        document = self._workspace.document
        if document is None:
            return
        first, second = self._state.compared(document)
        if first.picture is None or second.picture is None:
            return
        if (first.kind is LayerKind.MAP) != (second.kind is LayerKind.MAP):
            text = f"{second.title} and {first.title} have different scales; nothing is subtracted."
            self._workspace.post(text, Mood.PROBLEM)
            return
        title = f"{second.title} {_MINUS} {first.title}"
        layer = Layer(f"{second.name}-{first.name}", title, LayerKind.SIGNED, unit=second.unit)
        layer.color_map = TWO_SIDED
        job = self._jobs.start(
            difference_picture, first.picture.image, second.picture.image, title=title
        )
        self._waiting[job] = (document, layer)
        job.done.connect(self._on_done)
        job.finished.connect(self._on_finished)

    @Slot(object)
    def _on_done(self, picture: Picture) -> None:
        document, layer = self._waiting[cast("Job", self.sender())]
        layer.picture = picture
        self._workspace.put_layer(document, layer)

    @Slot()
    def _on_finished(self) -> None:
        self._waiting.pop(cast("Job", self.sender()), None)

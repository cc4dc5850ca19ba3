"""What the views and the menus need to look at a document and to change it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from atomsegnet.gui.column_edits import ColumnEdits
from atomsegnet.gui.differences import Differences
from atomsegnet.gui.jobs import Jobs
from atomsegnet.gui.lattice_runs import LatticeRuns
from atomsegnet.gui.layer_edits import LayerEdits
from atomsegnet.gui.undo import UndoStacks
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace


class Editing(QObject):
    """The state of the views and the changes that can be undone, of one window."""

    def __init__(self, workspace: Workspace, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self.view = ViewState(workspace, self)
        self.undo = UndoStacks(workspace, self)
        self.columns = ColumnEdits(workspace, self.view, self.undo, self)
        self.layers = LayerEdits(workspace, self.undo, self)
        self.lattice = LatticeRuns(workspace, self.view, jobs, self)
        self.differences = Differences(workspace, self.view, jobs, self)

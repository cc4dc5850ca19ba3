from __future__ import annotations

from typing import get_args

from atomsegnet.analysis.refine import METHODS as MEASURED
from atomsegnet.cli.locate import METHODS as ON_THE_COMMAND_LINE
from atomsegnet.core.recipe import Recipe
from atomsegnet.gui.methods import METHODS as IN_THE_WINDOW


def test_that_window_command_line_and_batch_offer_every_method() -> None:
    in_a_batch = get_args(Recipe.model_fields["method"].annotation)
    for offered in (IN_THE_WINDOW, ON_THE_COMMAND_LINE, in_a_batch):
        assert sorted(offered) == sorted(MEASURED)

"""Compare a retrained model with the one it came from, on simulations that neither has seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.comparison import Comparison, Measure, write_comparison
from atomsegnet.core.contrast import automatic_limits, gray_levels, sorted_sample
from atomsegnet.core.errors import ModelError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.core.training_settings import TrainingSettings

if TYPE_CHECKING:
    from atomsegnet.nn.weights import LoadedModel
    from atomsegnet.tasks.simulate_one import Simulated

# Most images gain little and a few gain much: with a third of them that is not told from chance.
IMAGES = 48
PICTURES = 3
SIZE_PX = 192
# Held-out images are drawn from numbers that neither training nor validation reaches.
FIRST_HELD_OUT = 2**41
# Columns nearer to the border than this need not be found [px].
_BORDER_PX = 5


def evaluate(
    settings: TrainingSettings,
    base: Path,
    weights: Path,
    folder: Path,
    *,
    report: Report = silent,
) -> Comparison:
    """Compare two models on held-out images of the crystal of a run; write it into a folder.

    The images are simulated from the ranges of the run, with seeds that neither training nor
    validation used, and each model sees them at the sampling it was trained for. For a map the
    figures are F1 and the error of the centroids; for a restoration, the error of the image.

    Parameters
    ----------
    settings : TrainingSettings
        The run.
    base, weights : Path
        Weights before and after.
    folder : Path
        Where ``comparison.json`` and the pictures go.
    report : callable
        Called after each image; raises Cancelled to stop.

    Raises
    ------
    ModelError
        One of the files is damaged, or they are of different tasks.
    """
    from atomsegnet.nn.weights import load

    before, after = load(base), load(weights)
    if before.task is not after.task:
        raise ModelError(f"{base.stem} and {weights.stem} are of different tasks.")
    measure = _measure_map if after.task.output is after.task.output.MAP else _measure_image
    values: list[tuple[dict[str, float], dict[str, float]]] = []
    pictures: list[str] = []
    for number in range(IMAGES):
        report(Progress(number, IMAGES, "comparing on held-out images"))
        made = held_out(settings, number)
        (one, first), (other, second) = (measure(model, made) for model in (before, after))
        values.append((one, other))
        if number < PICTURES:
            truth = made.labels[_label(settings)]
            pictures.append(_write_picture(folder, number, [made.image, truth, first, second]))
    comparison = Comparison(
        settings.start_from, settings.model_name, _subject(settings), _measures(values),
        tuple(pictures),
    )  # fmt: skip
    write_comparison(comparison, folder)
    report(Progress(IMAGES, IMAGES, "comparing on held-out images"))
    return comparison


def held_out(settings: TrainingSettings, number: int) -> Simulated:
    """Simulate one held-out image; every one shows the crystal."""
    from dataclasses import replace

    from atomsegnet.tasks.simulate_one import simulate_one
    from atomsegnet.tasks.training_data import scenes_of

    scenes = replace(scenes_of(settings), crystal_share=1.0, empty_share=0.0)
    return simulate_one(
        scenes,
        (settings.seed, FIRST_HELD_OUT, number),
        size=SIZE_PX,
        width_px=settings.recorded_width_px,
        labels=(_label(settings),),
    )


def _label(settings: TrainingSettings) -> str:
    from atomsegnet.tasks.simulate_one import LABELS

    return next(name for name, task in LABELS.items() if task == settings.task)


def _subject(settings: TrainingSettings) -> str:
    from atomsegnet.tasks.training_data import scenes_of

    crystals = scenes_of(settings).crystals
    return ", ".join(crystal.name for crystal in crystals) or "all materials of the list"


def _run(model: LoadedModel, made: Simulated) -> tuple[FloatImage, FloatImage, float]:
    """Return the output on the image's grid and on the network's, and the factor between them."""
    from atomsegnet.nn.inference import run_model

    factor = model.card.width_px / made.scene.image_width_px
    answer = run_model(model, Micrograph(made.image), factor)
    return answer.image, answer.working_image, factor


def _measure_map(model: LoadedModel, made: Simulated) -> tuple[dict[str, float], FloatImage]:
    from atomsegnet.analysis.matching import match
    from atomsegnet.tasks.locate import locate_on_map
    from atomsegnet.tasks.process import Processed

    image, working, factor = _run(model, made)
    width = made.scene.image_width_px
    processed = Processed(
        Micrograph(made.image), image, working, factor, width, model.task.output, model.card.name,
        model.sha256, "",
    )  # fmt: skip
    columns = locate_on_map(processed, method="weighted-centroid").columns
    last = SIZE_PX - 1 - _BORDER_PX
    is_inner = np.all((made.positions >= _BORDER_PX) & (made.positions <= last), axis=1)
    found = match(
        columns.positions, made.positions, width / 2, is_optional=~(made.is_visible & is_inner)
    )
    error_pm = float(np.hypot(*found.rms)) * made.scene.pixel_size_nm * 1e3
    return {"F1": found.f1, "error of the centroids [pm]": error_pm}, image


def _measure_image(model: LoadedModel, made: Simulated) -> tuple[dict[str, float], FloatImage]:
    (truth,) = made.labels.values()
    image, _, _ = _run(model, made)
    span = max(float(np.ptp(truth)), 1e-30)
    error = float(np.sqrt(np.mean((image - truth) ** 2, dtype=np.float64)))
    return {"error of the image [% of its range]": 100 * error / span}, image


def _measures(values: list[tuple[dict[str, float], dict[str, float]]]) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            name,
            tuple(before[name] for before, _ in values),
            tuple(after[name] for _, after in values),
            is_more_better=name == "F1",
        )
        for name in values[0][0]
    )


def _write_picture(folder: Path, number: int, images: list[FloatImage]) -> str:
    """Write image, truth, before and after side by side; the last three at one contrast."""
    from atomsegnet.io.gray_png import write_gray_png

    shown = automatic_limits(sorted_sample(images[0]), 0.35)
    truth = automatic_limits(sorted_sample(images[1]), 0.05)
    levels = [gray_levels(images[0], shown), *(gray_levels(item, truth) for item in images[1:])]
    name = f"comparison_{number + 1}.png"
    write_gray_png(folder / name, np.hstack(levels))
    return name


def crystal_is_given(settings: TrainingSettings) -> bool:
    """Whether a run is for certain crystals, so that there is something to compare on."""
    return bool(settings.material or settings.cif or settings.columns)

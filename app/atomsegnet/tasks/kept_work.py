"""Keep what was made of a micrograph in a folder, and bring it back."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from atomsegnet.core.contrast import Limits
from atomsegnet.core.errors import ReadError
from atomsegnet.core.micrograph import FloatImage, Micrograph, PixelSize
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.io.safe_write import safely_written
from atomsegnet.tasks.kept_arrays import ArrayFolder
from atomsegnet.tasks.locate import Detection, Located
from atomsegnet.tasks.process import Processed

logger = logging.getLogger(__name__)

_INDEX_NAME = "work.json"


class Look(BaseModel):
    """A layer of the window, without its image; for the eye only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    title: str
    kind: str
    limits: Limits
    gamma: float = 1.0
    is_visible: bool = True
    opacity: float = 1.0
    color_map: str = "gray"
    unit: str = ""


class KeptLayer(NamedTuple):
    """A layer with its image; None for the micrograph itself and for columns."""

    look: Look
    image: FloatImage | None


@dataclass(frozen=True, eq=False)
class Work:
    """Everything that was made of a micrograph.

    Attributes
    ----------
    micrograph : Micrograph
        With its pixel size, typed or from the file.
    is_pixel_size_typed : bool
        Whether it was typed.
    layers : tuple of KeptLayer
        From the bottom up.
    processed : tuple of Processed
        What models made of it.
    located : Located or None
        Its columns, with what was edited by hand.
    edits : tuple of str
        What was edited by hand, in order.
    detection : Detection
        How columns are to be taken from the map.
    color_by, column_color_map, active_layer : str
        How it is looked at.
    """

    micrograph: Micrograph
    is_pixel_size_typed: bool
    layers: tuple[KeptLayer, ...]
    processed: tuple[Processed, ...]
    located: Located | None
    edits: tuple[str, ...]
    detection: Detection
    color_by: str
    column_color_map: str
    active_layer: str

    def is_same_as(self, other: Work | None) -> bool:
        """Whether both hold the same objects, looked at in the same way."""
        return other is not None and self._parts() == other._parts()

    def _parts(self) -> tuple[object, ...]:
        located = self.located
        return (
            self.micrograph.pixel_size_nm,
            self.is_pixel_size_typed,
            [(look, id(image)) for look, image in self.layers],
            [id(run) for run in self.processed],
            id(located.columns) if located is not None else None,
            self.edits,
            self.detection,
            (self.color_by, self.column_color_map, self.active_layer),
        )


class _Run(BaseModel):
    """One `Processed`, arrays by name."""

    model: str
    output: str
    factor: float
    column_width_px: float | None
    weights_sha256: str
    device: str
    notes: tuple[str, ...]
    pixel_size_nm: tuple[float, float] | None
    image: str
    working_image: str


class _Found(BaseModel):
    """One `Located`; ``run`` is the place of its map among the runs."""

    run: int
    threshold: float
    method: str
    detection: Detection
    columns: str
    columns_method: str


class _Index(BaseModel):
    """What the file of the folder says; the arrays lie beside it."""

    image_sha256: str
    pixel_size_nm: tuple[float, float] | None
    is_pixel_size_typed: bool
    looks: list[Look]
    images: list[str]
    runs: list[_Run]
    run_count: int
    found: _Found | None
    edits: tuple[str, ...]
    detection: Detection
    color_by: str
    column_color_map: str
    active_layer: str


class WorkFolder:
    """The folder of one micrograph.

    Arrays get a name once and are never changed; the index that names them is written last, and
    whole. So whenever the program is killed, what was kept before is still there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays = ArrayFolder(folder)
        self._digest: tuple[Micrograph, str] | None = None

    def save(self, work: Work, report: Report = silent) -> None:
        """Keep the work; arrays that are there already are not written again.

        Raises
        ------
        OSError, WriteError
            The folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        runs = list(work.processed)
        found = None
        if work.located is not None:
            located = work.located
            runs += [located.processed] if located.processed not in runs else []
            found = _Found(
                run=runs.index(located.processed),
                threshold=located.threshold,
                method=located.method,
                detection=located.detection,
                columns=self._arrays.columns_name(located.columns),
                columns_method=located.columns.method,
            )
        report(Progress(0, 1))
        index = _Index(
            image_sha256=self._digest_of(work.micrograph),
            pixel_size_nm=work.micrograph.pixel_size_nm,
            is_pixel_size_typed=work.is_pixel_size_typed,
            looks=[layer.look for layer in work.layers],
            images=[
                "" if image is None else self._arrays.name_of(image) for _, image in work.layers
            ],
            runs=[self._run_of(run) for run in runs],
            run_count=len(work.processed),
            found=found,
            edits=work.edits,
            detection=work.detection,
            color_by=work.color_by,
            column_color_map=work.column_color_map,
            active_layer=work.active_layer,
        )
        with safely_written(self._folder / _INDEX_NAME, overwrite=True) as temporary:
            temporary.write_text(index.model_dump_json(), encoding="utf-8")
        wanted = {*index.images, *(run.image for run in index.runs)}
        wanted |= {run.working_image for run in index.runs}
        self._arrays.drop_all_but(wanted | ({found.columns} if found is not None else set()))

    def load(self, micrograph: Micrograph) -> Work | None:
        """Return the work that was kept of this micrograph, if there is any.

        Raises
        ------
        ReadError
            The image has changed since, or what was kept is damaged; it names the micrograph.
        """
        place = micrograph.source or self._folder
        try:
            text = (self._folder / _INDEX_NAME).read_text(encoding="utf-8")
        except OSError:
            return None
        try:
            index = _Index.model_validate_json(text)
            if index.image_sha256 != self._digest_of(micrograph):
                raise ReadError(place, "has changed; what was made of it before was left out")
            return self._work_of(index, micrograph)
        except (OSError, ValueError, IndexError, ValidationError) as error:
            logger.info("The work in %s is not usable: %s", self._folder, error)
            raise ReadError(
                place, "was worked on before, but that can no longer be read"
            ) from error

    def _digest_of(self, micrograph: Micrograph) -> str:
        if self._digest is None or self._digest[0].image is not micrograph.image:
            self._digest = (micrograph, hashlib.sha256(micrograph.image.data).hexdigest())
        return self._digest[1]

    # Records

    def _run_of(self, run: Processed) -> _Run:
        return _Run(
            model=run.model,
            output=run.output.value,
            factor=run.factor,
            column_width_px=run.column_width_px,
            weights_sha256=run.weights_sha256,
            device=run.device,
            notes=run.notes,
            pixel_size_nm=run.micrograph.pixel_size_nm,
            image=self._arrays.name_of(run.image),
            working_image=self._arrays.name_of(run.working_image),
        )

    def _work_of(self, index: _Index, micrograph: Micrograph) -> Work:
        if index.is_pixel_size_typed:
            micrograph = micrograph.with_pixel_size(_size(index.pixel_size_nm))
        runs = [self._processed(run, micrograph) for run in index.runs]
        images = [self._load_image(name, micrograph) if name else None for name in index.images]
        found = index.found
        located = None
        if found is not None:
            columns = self._arrays.load_columns(found.columns, found.columns_method)
            how = (found.threshold, found.method, found.detection)
            located = Located(micrograph, columns, runs[found.run], *how)
        return Work(
            micrograph,
            index.is_pixel_size_typed,
            tuple(map(KeptLayer, index.looks, images)),
            tuple(runs[: index.run_count]),
            located,
            index.edits,
            index.detection,
            index.color_by,
            index.column_color_map,
            index.active_layer,
        )

    def _processed(self, run: _Run, micrograph: Micrograph) -> Processed:
        from atomsegnet.nn.registry import Output

        return Processed(
            micrograph.with_pixel_size(_size(run.pixel_size_nm)),
            self._load_image(run.image, micrograph),
            self._arrays.load(run.working_image),
            run.factor,
            run.column_width_px,
            Output(run.output),
            run.model,
            run.weights_sha256,
            run.device,
            run.notes,
        )

    def _load_image(self, name: str, micrograph: Micrograph) -> FloatImage:
        image = self._arrays.load(name)
        if image.shape != micrograph.shape or image.dtype != np.float32:
            raise ValueError(f"{name} has another shape or type than the micrograph")
        return image


def _size(pair: tuple[float, float] | None) -> PixelSize | None:
    return PixelSize(*pair) if pair is not None else None

"""One micrograph that is open, with everything that was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from atomsegnet.core.color_maps import GRAY
from atomsegnet.core.column_quantities import Quantity, column_quantities
from atomsegnet.core.contrast import Limits, symmetric_limits
from atomsegnet.core.lattice import Lattice
from atomsegnet.core.micrograph import Micrograph, PixelSize
from atomsegnet.core.picture import Picture
from atomsegnet.nn.registry import TASKS
from atomsegnet.tasks.locate import Detection, Located
from atomsegnet.tasks.process import Processed

_WHOLE_MAP = Limits(0.0, 1.0)
RAW = "raw"
COLUMNS = "columns"


class LayerKind(Enum):
    """What a layer shows."""

    RAW = "raw"
    RESTORED = "restored"
    MAP = "map"
    SIGNED = "signed"
    COLUMNS = "columns"


@dataclass
class Layer:
    """One thing that is drawn over those below it.

    Attributes
    ----------
    name : str
        Unique within the document.
    title : str
        Name for the user.
    kind : LayerKind
        What it shows.
    picture : Picture or None
        The image; None for the columns.
    limits : Limits
        Contrast, for the eye only.
    is_visible : bool
        Whether it is drawn.
    opacity : float
        0 (invisible) to 1.
    color_map : str
        Name of the colors of an image, see `core.color_maps`.
    unit : str
        Of its numbers, "" where they are intensities.
    gamma : float
        Bends the contrast, see `core.contrast.gray_levels`.
    """

    name: str
    title: str
    kind: LayerKind
    picture: Picture | None = None
    limits: Limits = _WHOLE_MAP
    is_visible: bool = True
    opacity: float = 1.0
    color_map: str = GRAY
    unit: str = ""
    gamma: float = 1.0

    @property
    def has_gamma(self) -> bool:
        """Whether its contrast may be bent; signed colors would no longer be white at zero."""
        return self.picture is not None and self.kind is not LayerKind.SIGNED

    def limits_on_load(self) -> Limits:
        """Return the contrast the layer has at first.

        All of a map, percentiles of an image, the same on both sides of zero for signed values.
        """
        if self.picture is None or self.kind is LayerKind.MAP:
            return _WHOLE_MAP
        if self.kind is LayerKind.SIGNED:
            return symmetric_limits(self.picture.limits())
        return self.picture.limits()


def model_title(model: str) -> str:
    """Return the name of a model for the user; a model of one's own has no other."""
    return TASKS[model].title if model in TASKS else model


class DocumentKey(NamedTuple):
    """What tells one open micrograph from another."""

    path: Path
    frame: int
    detector: str


class Finding(NamedTuple):
    """Columns as they come from the worker.

    Attributes
    ----------
    located : Located
        The columns.
    spacing_px : float or None
        Median distance of nearest neighbors [px]; None for fewer than two columns.
    map_picture : Picture or None
        The map they come from, if that is new.
    """

    located: Located
    spacing_px: float | None = None
    map_picture: Picture | None = None


@dataclass(eq=False)
class Document:
    """An open micrograph.

    Attributes
    ----------
    micrograph : Micrograph
        The image with its pixel size, typed or from the file.
    layers : list of Layer
        From the bottom up.
    stored_pixel_size_nm : PixelSize or None
        What the file says.
    is_pixel_size_typed : bool
        Whether the pixel size of the micrograph was typed by the user.
    processed : dict
        What each model made of it, by the model's name.
    located : Located or None
        The columns, with what was edited by hand.
    measured : Located or None
        The same, but never those of a preview.
    edits : tuple of str
        What was edited by hand since the columns were measured, in order.
    spacing_px : float or None
        Median distance of nearest neighbors [px].
    color_by : str
        Name of the quantity that colors the columns; "" for one color.
    column_color_map : str
        Name of these colors.
    more_quantities : list of Quantity
        What else was computed for these columns, from their lattice say.
    lattice : Lattice or None
        Of exactly these columns, once it was measured.
    chosen_threshold : float or None
        Threshold of the map that the user chose, 0 to 1; None for Otsu's.
    minimum_area_px : float
        Smallest area of a column on the map that the user chose [px^2].
    splits_touching : bool
        Whether the user wants columns that touch on the map to be split.
    is_preview : bool
        Whether the columns are quick ones, shown while the threshold moves.
    active_layer : str
        Name of the layer that the contrast acts on, if it has an image.
    contrast_repetition : int
        How often automatic contrast was asked for in a row.
    pending_jobs : int
        Jobs that will bring it a result.
    """

    micrograph: Micrograph
    layers: list[Layer]
    stored_pixel_size_nm: PixelSize | None = None
    is_pixel_size_typed: bool = False
    processed: dict[str, Processed] = field(default_factory=dict)
    located: Located | None = None
    measured: Located | None = None
    edits: tuple[str, ...] = ()
    spacing_px: float | None = None
    color_by: str = ""
    column_color_map: str = "viridis"
    more_quantities: list[Quantity] = field(default_factory=list)
    lattice: Lattice | None = None
    chosen_threshold: float | None = None
    minimum_area_px: float = 0.0
    splits_touching: bool = True
    is_preview: bool = False
    active_layer: str = RAW
    contrast_repetition: int = 0
    pending_jobs: int = 0

    @property
    def key(self) -> DocumentKey:
        """Identity of the micrograph."""
        micrograph = self.micrograph
        return DocumentKey(micrograph.source or Path(), micrograph.frame, micrograph.detector)

    @property
    def has_results(self) -> bool:
        """Whether something was made of it, or is being made."""
        return bool(self.processed) or self.located is not None or self.pending_jobs > 0

    def detection(self) -> Detection:
        """Return how columns are to be taken from the map."""
        return Detection(self.chosen_threshold, self.minimum_area_px, self.splits_touching)

    def quantities(self) -> list[Quantity]:
        """Return what is known of the columns; nothing where there are none."""
        if self.located is None:
            return []
        size = self.micrograph.pixel_size_nm
        return [*column_quantities(self.located.columns, size), *self.more_quantities]

    def color_quantity(self) -> Quantity | None:
        """Return what colors the columns; None for one color."""
        if not self.color_by:
            return None
        return next((item for item in self.quantities() if item.name == self.color_by), None)

    def layer(self, name: str) -> Layer | None:
        """Return the layer of this name, if there is one."""
        return next((layer for layer in self.layers if layer.name == name), None)

    @property
    def contrast_layer(self) -> Layer:
        """The layer the contrast acts on: the active one, else the topmost image that is seen."""
        active = self.layer(self.active_layer)
        if active is not None and active.picture is not None:
            return active
        images = [layer for layer in self.layers if layer.picture is not None]
        return next((layer for layer in reversed(images) if layer.is_visible), images[0])

    @property
    def contrast_picture(self) -> Picture:
        """The image of the layer the contrast acts on."""
        picture = self.contrast_layer.picture
        if picture is None:  # contrast_layer never returns the columns
            raise ValueError("the layer has no image")
        return picture

    def put_layer(self, layer: Layer) -> None:
        """Add a layer below the columns, or replace the one of the same name in its place."""
        for index, old in enumerate(self.layers):
            if old.name == layer.name:
                layer.is_visible, layer.opacity = old.is_visible, old.opacity
                layer.title, layer.color_map = old.title, old.color_map
                layer.gamma = old.gamma
                self.layers[index] = layer
                return
        below_columns = self.layers and self.layers[-1].kind is LayerKind.COLUMNS
        if below_columns and layer.kind is not LayerKind.COLUMNS:
            self.layers.insert(len(self.layers) - 1, layer)
        else:
            self.layers.append(layer)

    def use_pixel_size(self, typed: PixelSize | None) -> None:
        """Take a typed pixel size [nm], or go back to the file's own for None."""
        self.is_pixel_size_typed = typed is not None
        size = typed if typed is not None else self.stored_pixel_size_nm
        self.micrograph = self.micrograph.with_pixel_size(size)
        if self.located is not None:
            self.located = replace(self.located, micrograph=self.micrograph)


def new_document(micrograph: Micrograph, picture: Picture) -> Document:
    """Open a micrograph that was just read."""
    raw = Layer(RAW, "Raw image", LayerKind.RAW, picture, picture.limits())
    return Document(micrograph, [raw], stored_pixel_size_nm=micrograph.pixel_size_nm)

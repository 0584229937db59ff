"""What the reader wishes to see of a volume, as one value, and what its three planes therefore show."""

from __future__ import annotations

from dataclasses import dataclass

from core.imaging.display import Grey
from core.imaging.frame import LookupTable, PixelSpacing, SpacingSource
from core.imaging.quantities import number_words
from core.imaging.volume import (
    Plane,
    PlaneGrid,
    Point,
    Projection,
    Volume,
    height_words,
    place_words,
)
from viewer.guides import Guides
from viewer.panel import CornerTexts, PanelContent, StatusKind
from viewer.theme import Colour

PLANE_COLOURS = {Plane.AXIAL: Colour.AXIAL, Plane.CORONAL: Colour.CORONAL, Plane.SAGITTAL: Colour.SAGITTAL}
# Which planes cut the rows and the columns of a plane's pictures.
_CUTS = {
    Plane.AXIAL: (Plane.CORONAL, Plane.SAGITTAL),
    Plane.CORONAL: (Plane.AXIAL, Plane.SAGITTAL),
    Plane.SAGITTAL: (Plane.AXIAL, Plane.CORONAL),
}


@dataclass(frozen=True, slots=True)
class VolumeWish:
    """Where the crosshair is (mm), how thick the planes are, and how they look.

    `projection` None: one voxel thick, whatever `slab_mm` says. `alone`: the plane that fills the window.
    """

    point: Point
    grey: Grey
    invert: bool = False
    slab_mm: float = 10.0
    projection: Projection | None = None
    alone: Plane | None = None
    crosshair: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """One picture of a plane: its number, and how thick it is. What is shown was made for one of these."""

    picture: int
    slab_mm: float = 0.0
    projection: Projection | None = None


def wished_cut(grid: PlaneGrid, wish: VolumeWish) -> Cut:
    """The picture of a plane that the wish asks for."""
    picture = grid.picture_at(wish.point)
    if wish.projection is None:
        return Cut(picture)
    return Cut(picture, wish.slab_mm, wish.projection)


def plane_content(
    grid: PlaneGrid, cut: Cut, wish: VolumeWish, caption: tuple[str, ...], *, pending: bool
) -> PanelContent:
    """All of a panel but its pixels, for the picture that it shows. `pending`: another is being made."""
    centre = grid.to_patient(cut.picture, grid.shape[1] / 2, grid.shape[2] / 2)
    slab = slab_words(grid, cut)
    place = f"{height_words(grid, centre)} · {cut.picture + 1}/{grid.shape[0]}"
    _, row_mm, column_mm = grid.spacing_mm
    return PanelContent(
        title=grid.plane.value.upper(),
        border=Colour.LINE,
        subtitle=place,
        status="Projecting …" if pending else slab,
        status_kind=StatusKind.RUNNING if pending else StatusKind.NOT_RUN,
        frame_shape=grid.shape[1:],
        spacing=PixelSpacing(row_mm, column_mm, SpacingSource.PIXEL_SPACING),
        patient_orientation=grid.letters,
        corners=CornerTexts(top_left=caption, bottom_left=_display_lines(wish)),
        stripe=PLANE_COLOURS[grid.plane],
    )


def _display_lines(wish: VolumeWish) -> tuple[str, ...]:
    grey = wish.grey
    if isinstance(grey, LookupTable):
        shown = grey.explanation or "VOI LUT"
    else:
        shown = f"W {number_words(grey.width)}  C {number_words(grey.center)}"
    return (f"{shown}  inverted" if wish.invert else shown,)


def slab_words(grid: PlaneGrid, cut: Cut) -> str:
    """How thick a picture is: "MIP of 12.0 mm (4 slices)" or "slices 3.0 mm apart"."""
    first, last = grid.slab(cut.picture, cut.slab_mm) if cut.projection is not None else (0, 1)
    thickness = (last - first) * grid.spacing_mm[0]
    if last - first == 1:
        return f"slices {thickness:.1f} mm apart"
    how = cut.projection.value if cut.projection is not None else ""
    return f"{how} of {thickness:.1f} mm ({last - first} slices)"


def guides_of(grids: dict[Plane, PlaneGrid], plane: Plane, wish: VolumeWish) -> Guides | None:
    """The lines in which the other two planes cut this one."""
    if not wish.crosshair:
        return None
    grid = grids[plane]
    _, row, column = grid.from_patient(wish.point)
    across, upright = _CUTS[plane]
    return Guides(
        row=row,
        column=column,
        row_colour=PLANE_COLOURS[across],
        column_colour=PLANE_COLOURS[upright],
        row_edges=_edges(grid, grids[across], wish, 1),
        column_edges=_edges(grid, grids[upright], wish, 2),
    )


def _edges(grid: PlaneGrid, other: PlaneGrid, wish: VolumeWish, place: int) -> tuple[float, ...]:
    """Rows (`place` 1) or columns (2) of `grid` at which the slab of another plane begins and ends."""
    if wish.projection is None:
        return ()
    first, last = other.slab(other.picture_at(wish.point), wish.slab_mm)
    if last - first == 1:
        return ()
    _, row, column = other.from_patient(wish.point)
    ends = (other.to_patient(end - 0.5, row, column) for end in (first, last))
    return tuple(grid.from_patient(end)[place] for end in ends)


def moved_within(grid: PlaneGrid, point: Point, row: float, column: float) -> Point:
    """The point at another place of the same plane; its distance through the plane stays."""
    return grid.to_patient(grid.from_patient(point)[0], row, column)


def scrolled(grid: PlaneGrid, point: Point, steps: int) -> Point:
    """The point some pictures further through a plane, in the middle of that picture."""
    _, row, column = grid.from_patient(point)
    picture = min(max(grid.picture_at(point) + steps, 0), grid.shape[0] - 1)
    return grid.to_patient(picture, row, column)


def readout(volume: Volume, point: Point, *, number_of_slices: int, what: str) -> str:
    """Value, position and original slice of a point, as the one line below the planes says it."""
    value = volume.value_at(point)
    if value is None:
        return f"{what}: outside · {place_words(point)}"
    slice_words = f"slice {volume.sources.nearest(point) + 1} of {number_of_slices}"
    uptake = volume.look.uptake
    suv = (
        "" if uptake is None or uptake.factor is None else f"SUVbw {number_words(value * uptake.factor)} g/ml"
    )
    parts = filter(
        None, (f"{number_words(value)} {volume.units}".strip(), suv, place_words(point), slice_words)
    )
    return f"{what}: {' · '.join(parts)}"


def thickest_mm(grids: dict[Plane, PlaneGrid]) -> float:
    """The longest way through the volume: a slab need not be thicker."""
    return max(grid.shape[0] * grid.spacing_mm[0] for grid in grids.values())


def lookup_basis(grey: Grey) -> tuple[float, float]:
    """The range that a VOI LUT answers; empty for a window."""
    if isinstance(grey, LookupTable):
        return grey.first_mapped, grey.first_mapped + grey.entries.size - 1
    return float("inf"), float("-inf")

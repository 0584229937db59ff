"""What linked viewports do together: which may follow which, and where that leads them. Pure rules.

Two series are linked by their place in the patient if both name one frame of reference (PS3.3 C.7.4.1) and
say where their pixels lie; nothing else is linked by itself. What the reader links by hand keeps the
difference that there was at that moment.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from core.imaging.display import Grey, Preset, default_grey, equivalent_window
from core.imaging.frame import Frame, PixelSpacing, VoiFunction, Window
from core.imaging.placed_slice import PlacedSlice

if TYPE_CHECKING:
    from core.dicom.study import Series

# Modality values that mean the same in every image of the modality (Hounsfield units).
_ONE_SCALE = frozenset({"CT"})


class LinkKind(StrEnum):
    """What can be shared."""

    SCROLL = "scroll"
    PAN = "pan"
    ZOOM = "zoom"
    WINDOW = "window"


ALL_LINKS = frozenset(LinkKind)


class LinkMode(StrEnum):
    """What the reader wants of one viewport."""

    OFF = "off"
    BY_PLACE = "by place in the patient"
    BY_HAND = "by hand"


class Relation(StrEnum):
    """What ties two viewports together."""

    NONE = "none"
    PLACE = "place in the patient"
    HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Gaze:
    """From where a frame is seen: the frame position in the middle and the screen pixels of a frame column.

    `quarter_turns` clockwise, after the mirroring `flipped`, as in the viewer's viewpoint.
    """

    row: float
    column: float
    zoom: float
    quarter_turns: int = 0
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class StackPlaces:
    """How far along the normal of its first image each image of a stack lies; None for one without a place.

    In millimetres from the origin of the patient's axes. `rising`: places with their image, by distance.
    """

    distances_mm: tuple[float | None, ...]
    rising: tuple[tuple[float, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = ((mm, place) for place, mm in enumerate(self.distances_mm) if mm is not None)
        object.__setattr__(self, "rising", tuple(sorted(known)))

    @classmethod
    def of(cls, series: Series) -> StackPlaces:
        """The places of a series' images; images that lie in another direction than the first have none."""
        from core.dicom.frame_places import placed_slice  # pydicom came with the first index

        slices = [placed_slice(*image) for image in series.images]
        first = next((one for one in slices if one is not None), None)
        if first is None:
            return cls((None,) * len(slices))
        normal = first.normal
        return cls(
            tuple(
                float(one.first @ normal) if one is not None and one.looks_like(first) else None
                for one in slices
            )
        )

    def nearest(self, distance_mm: float) -> tuple[int, float] | None:
        """The image nearest to a distance, and how many mm it is away; of two the lower. None without any."""
        if not self.rising:
            return None
        above = bisect_left(self.rising, (distance_mm, -1))
        beside = self.rising[max(above - 1, 0) : above + 1]
        mm, place = min(beside, key=lambda one: (abs(one[0] - distance_mm), one[1]))
        return place, abs(mm - distance_mm)


@dataclass(frozen=True, slots=True)
class Linked:
    """One viewport as links see it; `patient` is any value that tells patients apart.

    `plane`: where the shown image lies; None where the file does not say.
    """

    mode: LinkMode
    patient: object
    series_instance_uid: str
    frame_of_reference_uid: str
    spacing: PixelSpacing
    shape: tuple[int, int]
    plane: PlacedSlice | None
    places: StackPlaces
    position: int
    gaze: Gaze


def relation(one: Linked, other: Linked) -> Relation:
    """What ties two viewports together: the place if both know it, by hand only if the reader wants so.

    A frame of reference that two patients share is a mistake of whoever made the files anonymous.
    """
    if LinkMode.OFF in (one.mode, other.mode):
        return Relation.NONE
    if one.patient == other.patient and one.plane is not None and other.plane is not None:
        same = bool(one.frame_of_reference_uid) and one.frame_of_reference_uid == other.frame_of_reference_uid
        # Anonymized files may name another frame of reference each.
        if same or one.series_instance_uid == other.series_instance_uid:
            return Relation.PLACE
    by_hand = LinkMode.BY_HAND in (one.mode, other.mode)
    return Relation.HAND if by_hand else Relation.NONE


def followed_place(
    leader: Linked, follower: Linked, anchors: tuple[Linked, Linked] | None
) -> tuple[int, float] | None:
    """Where the follower's stack is to stand, and how many mm the leader's image lies beside that image.

    `anchors`: both as they were when they were linked by hand. None: it stays where it is.
    """
    tie = relation(leader, follower)
    if tie is Relation.PLACE and leader.plane is not None and follower.plane is not None:
        if not leader.plane.looks_like(follower.plane):
            return None
        return follower.places.nearest(float(leader.plane.first @ follower.plane.normal))
    if tie is not Relation.HAND or anchors is None:
        return None
    led, followed = anchors
    began = followed.places.distances_mm[followed.position]
    moved_mm = _moved_mm(led.plane, leader.plane, followed.plane)
    if began is not None and moved_mm is not None:
        return follower.places.nearest(began + moved_mm)
    count = len(follower.places.distances_mm)
    return min(max(followed.position + leader.position - led.position, 0), count - 1), 0.0


def followed_gaze(
    leader: Linked, follower: Linked, anchors: tuple[Linked, Linked] | None, kinds: frozenset[LinkKind]
) -> Gaze:
    """From where the follower is to be seen; its turns and mirrors stay its own."""
    tie = relation(leader, follower)
    gaze = follower.gaze
    if tie is Relation.PLACE and leader.plane is not None and follower.plane is not None:
        if LinkKind.ZOOM in kinds:
            gaze = replace(gaze, zoom=leader.gaze.zoom * _mm(follower) / _mm(leader))
        if LinkKind.PAN in kinds and leader.plane.looks_like(follower.plane):
            point = leader.plane.to_patient(leader.gaze.row, leader.gaze.column)
            _, row, column = follower.plane.from_patient(point)
            gaze = replace(gaze, row=row, column=column)
    elif tie is Relation.HAND and anchors is not None:
        led, followed = anchors
        if LinkKind.ZOOM in kinds:
            gaze = replace(gaze, zoom=followed.gaze.zoom * leader.gaze.zoom / led.gaze.zoom)
        if LinkKind.PAN in kinds:
            down, across = _on_screen(
                leader.gaze,
                (leader.gaze.row - led.gaze.row) * _unit(leader, follower, 0),
                (leader.gaze.column - led.gaze.column) * _unit(leader, follower, 1),
            )
            down, across = _off_screen(gaze, down, across)
            gaze = replace(
                gaze,
                row=followed.gaze.row + down / _unit(follower, leader, 0),
                column=followed.gaze.column + across / _unit(follower, leader, 1),
            )
    return gaze


@dataclass(frozen=True, slots=True, eq=False)
class GreyScale:
    """What decides whether a window of one image means anything on another one.

    `own`: how the image itself wants to be shown. `presets`: all its ways that have names.
    """

    modality: str
    series_instance_uid: str
    is_grey: bool
    own: Grey
    presets: tuple[Preset, ...]

    @classmethod
    def of(cls, frame: Frame, presets: tuple[Preset, ...]) -> GreyScale:
        """Of a frame as it is presented."""
        source = frame.source
        return cls(
            source.modality, source.series_instance_uid, frame.is_grey, default_grey(frame), tuple(presets)
        )


def followed_grey(leader: GreyScale, grey: Grey, follower: GreyScale) -> Grey | None:
    """How the follower is to be shown when the leader is shown in `grey`; None where that cannot be said.

    Windows are shared within one modality only. A preset goes by its name, with the follower's own numbers.
    Hounsfield units mean the same everywhere; elsewhere a window is carried over in proportion to what each
    image asks for itself.
    """
    if not (leader.is_grey and follower.is_grey) or leader.modality != follower.modality:
        return None
    if grey == leader.own:
        return follower.own
    named = next((preset.name for preset in leader.presets if preset.grey == grey), "")
    for preset in follower.presets:
        if preset.name == named:
            return preset.grey
    window, falls = equivalent_window(grey)
    if falls:
        return None
    same_series = leader.series_instance_uid == follower.series_instance_uid != ""
    if same_series or leader.modality in _ONE_SCALE:
        return window
    return _in_proportion(window, equivalent_window(leader.own)[0], equivalent_window(follower.own)[0])


def _in_proportion(window: Window, of_leader: Window, of_follower: Window) -> Window:
    """A window that differs from the follower's own as `window` differs from the leader's own."""
    scale = of_follower.width / of_leader.width
    narrowest = 1.0 if window.function is VoiFunction.LINEAR else 1e-6
    return Window(
        of_follower.center + (window.center - of_leader.center) * scale,
        max(window.width * scale, narrowest),
        window.function,
    )


def _moved_mm(
    first: PlacedSlice | None, now: PlacedSlice | None, followed: PlacedSlice | None
) -> float | None:
    """How far a leader went along its normal, where the follower's planes look alike.

    The axes of two examinations agree in direction, not in where they begin.
    """
    if first is None or now is None or followed is None or not first.looks_like(followed):
        return None
    return float((now.first - first.first) @ first.normal)


def _mm(view: Linked) -> float:
    return view.spacing.column_mm or 1.0


def _unit(of: Linked, beside: Linked, axis: int) -> float:
    """What one frame pixel of `of` counts: mm where both know them, else shares of the frame."""
    if of.spacing.known and beside.spacing.known:
        return (of.spacing.column_mm if axis else of.spacing.row_mm) or 1.0
    return 1.0 / max(of.shape[axis], 1)


def _on_screen(gaze: Gaze, down: float, across: float) -> tuple[float, float]:
    """A step in the frame as it looks on the screen, mirrored and turned."""
    across = -across if gaze.flipped else across
    for _ in range(gaze.quarter_turns % 4):
        down, across = across, -down
    return down, across


def _off_screen(gaze: Gaze, down: float, across: float) -> tuple[float, float]:
    """The way back."""
    for _ in range(-gaze.quarter_turns % 4):
        down, across = across, -down
    return down, -across if gaze.flipped else across

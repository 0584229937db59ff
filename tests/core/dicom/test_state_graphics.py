"""Graphic annotations on the frame: units, layers, colours, damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom.dataset import Dataset
from state_files import write_state

from core.dicom.presentation_state import read_presentation
from core.dicom.state_graphics import cielab_to_rgb
from core.imaging.graphics import Graphic, GraphicKind, TextNote
from core.imaging.presentation import Presentation

STORED = np.zeros((40, 80), np.uint16)


def drawn(kind: str, data: list[float], units: str = "PIXEL", filled: str = "N") -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = units, 2
    item.NumberOfGraphicPoints, item.GraphicData = len(data) // 2, data
    item.GraphicType, item.GraphicFilled = kind, filled
    return item


def layer(name: str, order: int, **colour: object) -> Dataset:
    item = Dataset()
    item.GraphicLayer, item.GraphicLayerOrder = name, order
    for keyword, value in colour.items():
        setattr(item, keyword, value)
    return item


def annotation(name: str, graphics: list[Dataset], texts: list[Dataset] | None = None) -> Dataset:
    item = Dataset()
    item.GraphicLayer, item.GraphicObjectSequence = name, graphics
    item.TextObjectSequence = texts or []
    return item


def text(words: str, **places: object) -> Dataset:
    item = Dataset()
    item.UnformattedTextValue = words
    for keyword, value in places.items():
        setattr(item, keyword, value)
    return item


def state(
    tmp_path: Path, annotations: list[Dataset], layers: list[Dataset] | None = None, **changes: object
) -> Presentation:
    made = write_grey(tmp_path / "image", STORED)
    facts = {"GraphicAnnotationSequence": annotations, "GraphicLayerSequence": layers or [layer("A", 1)]}
    write_state(tmp_path / "state", made, **(facts | changes))
    return read_presentation(tmp_path / "state")


def objects(found: Presentation) -> list[Graphic | TextNote]:
    return [one for _, one in found.graphics]


def test_pixels_count_columns_first_from_the_corner(tmp_path: Path) -> None:
    found = state(tmp_path, [annotation("A", [drawn("POLYLINE", [0, 0, 3.5, 7.25], filled="Y")])])
    assert objects(found) == [Graphic(GraphicKind.POLYLINE, ((0, 0), (7.25, 3.5)), filled=True)]


@pytest.mark.parametrize(
    ("turns", "flip", "place"),
    [
        # The corner of the screen at (0.25, 0.5), brought back onto 40 rows and 80 columns.
        (0, "N", (20, 20)),
        (0, "Y", (20, 60)),
        (90, "N", (30, 40)),
        (180, "N", (20, 60)),
        (270, "N", (10, 40)),
        (90, "Y", (10, 40)),
    ],
)
def test_places_on_the_screen_are_brought_onto_the_frame(
    tmp_path: Path, turns: int, flip: str, place: tuple[float, float]
) -> None:
    found = state(
        tmp_path,
        [annotation("A", [drawn("POINT", [0.25, 0.5], "DISPLAY")])],
        ImageRotation=turns,
        ImageHorizontalFlip=flip,
    )
    (point,) = objects(found)
    assert isinstance(point, Graphic)
    assert point.points == (pytest.approx(place),)


def test_layers_give_order_and_colour(tmp_path: Path) -> None:
    layers = [
        layer("TOP", 9, GraphicLayerRecommendedDisplayCIELabValue=[34_900, 53_500, 50_000]),
        layer("LOW", 1, GraphicLayerRecommendedDisplayGrayscaleValue=0x8080),
    ]
    found = state(
        tmp_path,
        [
            annotation("TOP", [drawn("POINT", [1, 1])]),
            annotation("LOW", [drawn("POINT", [2, 2])]),
        ],
        layers,
    )
    low, top = objects(found)
    assert isinstance(low, Graphic)
    assert isinstance(top, Graphic)
    assert low.points == ((2, 2),)
    assert low.colour == (128, 128, 128)
    assert top.colour[0] > 200 > top.colour[2]


def test_white_black_and_red_of_the_colour_space() -> None:
    assert cielab_to_rgb((65_535, 32_896, 32_896)) == pytest.approx((255, 255, 255), abs=1)
    assert cielab_to_rgb((0, 32_896, 32_896)) == (0, 0, 0)
    # sRGB red is L 54.29, a 80.8, b 69.9 for the white point D50.
    red = tuple(
        round(v) for v in (54.29 / 100 * 65_535, (80.8 + 128) / 255 * 65_535, (69.9 + 128) / 255 * 65_535)
    )
    assert cielab_to_rgb(red) == pytest.approx((255, 0, 0), abs=3)


def test_texts_with_box_anchor_and_lines(tmp_path: Path) -> None:
    note = text(
        "first\r\nsecond\n",
        BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[10.0, 5.0],
        BoundingBoxBottomRightHandCorner=[30.0, 9.0],
        BoundingBoxTextHorizontalJustification="RIGHT",
        AnchorPointAnnotationUnits="DISPLAY",
        AnchorPoint=[0.5, 0.5],
        AnchorPointVisibility="Y",
    )
    (found,) = objects(state(tmp_path, [annotation("A", [], [note])]))
    assert found == TextNote(("first", "second"), (5, 10, 9, 30), (20, 40), True, "RIGHT")


@pytest.mark.parametrize(
    "damaged",
    [
        annotation("A", [drawn("ELLIPSE", [1, 2, 3, 4])]),
        annotation("A", [drawn("SPIRAL", [1, 2, 3, 4])]),
        annotation("A", [drawn("POLYLINE", [1, 2])]),
        annotation("A", [drawn("POINT", [1, 2], "FURLONG")]),
        annotation("A", [], [text("words without a place")]),
    ],
)
def test_what_is_damaged_is_left_out_with_a_note(tmp_path: Path, damaged: Dataset) -> None:
    found = state(tmp_path, [damaged, annotation("A", [drawn("POINT", [1, 2])])])
    assert len(found.graphics) == 1
    assert any("not drawn" in note for note in found.notes)

"""Edges of the model's input are where the film has them, at every size of the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.imaging.frame import Frame
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.imaging.registration import EDGE_COLOUR, edge_overlay, input_edges


def film_with_a_square(first_row: int, first_column: int, side: int, shape: tuple[int, int]) -> Frame:
    stored = np.full(shape, 1000, np.uint16)
    stored[20:-20, 20:-20] += (
        np.random.default_rng(0).integers(0, 3, (shape[0] - 40, shape[1] - 40)).astype(np.uint16)
    )
    stored[first_row : first_row + side, first_column : first_column + side] = 3000
    return Frame(stored)


@pytest.mark.parametrize("size", [64, 128, 256])
@pytest.mark.parametrize("shape", [(1200, 900), (700, 1100)])
def test_lines_lie_on_the_borders_of_a_square(size: int, shape: tuple[int, int]) -> None:
    row, column, side = 300, 310, 200
    frame = film_with_a_square(row, column, side, shape)
    grid = to_model_grid(frame, ModelInputSpec(size=size))
    edges = input_edges(grid)
    assert edges.shape == (4 * size, 4 * size)
    rows, columns = np.nonzero(edges)
    scale = grid.side / (4 * size)
    # Lines are two fine cells wide: their middle is told from both.
    top, bottom = (grid.row + (place + 0.5) * scale for place in (rows.min(), rows.max()))
    left, right = (grid.column + (place + 0.5) * scale for place in (columns.min(), columns.max()))
    within = 3 * scale
    assert (top, left) == pytest.approx((row, column), abs=within)
    assert (bottom, right) == pytest.approx((row + side, column + side), abs=within)
    inside = edges[(rows.min() + rows.max()) // 2 - 4 : (rows.min() + rows.max()) // 2 + 4]
    assert inside[:, columns.min() + 8 : columns.max() - 8].sum() == 0


def test_a_flat_input_and_padding_have_no_lines() -> None:
    frame = film_with_a_square(300, 310, 200, (900, 900))
    grid = to_model_grid(frame, ModelInputSpec(size=64))
    flat = replace(grid, pixels=np.full((64, 64), 0.4, np.float32))
    assert not input_edges(flat).any()
    nothing = replace(grid, valid=np.zeros((64, 64), bool))
    assert not input_edges(nothing).any()


def test_the_overlay_is_clear_beside_the_lines() -> None:
    edges = np.zeros((8, 8), bool)
    edges[3] = True
    picture = edge_overlay(edges)
    assert (picture[3, :, 3] == 255).all()
    assert picture[..., 3].sum() == 8 * 255
    assert (picture[..., :3] == EDGE_COLOUR).all()

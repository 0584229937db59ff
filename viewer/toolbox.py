"""Which class does the work of which tool."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.imaging.marks import MarkKind
from viewer.magnifier import MagnifierTool
from viewer.mark_tools import DrawTool
from viewer.mouse_tools import CrosshairTool, PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.pointer import PointerTool, Tool
from viewer.region_tool import RegionTool

if TYPE_CHECKING:
    from viewer.image_view import ImageView

DRAWN = {
    Tool.MEASURE: MarkKind.LENGTH,
    Tool.ANGLE: MarkKind.ANGLE,
    Tool.COBB: MarkKind.COBB,
    Tool.BIDIRECTIONAL: MarkKind.BIDIRECTIONAL,
    Tool.HEART: MarkKind.HEART,
    Tool.RECTANGLE: MarkKind.RECTANGLE,
    Tool.ELLIPSE: MarkKind.ELLIPSE,
    Tool.FREEHAND: MarkKind.FREEHAND,
    Tool.PROBE: MarkKind.PROBE,
    Tool.ARROW: MarkKind.ARROW,
    Tool.TEXT: MarkKind.TEXT,
}
"""The tools that draw marks."""

TOOLS: dict[Tool, Callable[[ImageView], PointerTool]] = {
    Tool.WINDOW: WindowTool,
    Tool.PAN: PanTool,
    Tool.ZOOM: ZoomTool,
    Tool.SCROLL: ScrollTool,
    Tool.CROSSHAIR: CrosshairTool,
    Tool.REGION: RegionTool,
    Tool.MAGNIFIER: MagnifierTool,
    **{tool: partial(DrawTool, kind=kind) for tool, kind in DRAWN.items()},
}
"""What makes the object of a tool; each view makes those that it needs."""

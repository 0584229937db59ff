"""Which class does the work of which tool."""

from __future__ import annotations

from viewer.magnifier import MagnifierTool
from viewer.mouse_tools import (
    ArrowTool,
    CrosshairTool,
    LineTool,
    PanTool,
    ScrollTool,
    WindowTool,
    ZoomTool,
)
from viewer.pointer import PointerTool, Tool
from viewer.region_tool import RegionTool

TOOLS: dict[Tool, type[PointerTool]] = {
    Tool.WINDOW: WindowTool,
    Tool.PAN: PanTool,
    Tool.ZOOM: ZoomTool,
    Tool.SCROLL: ScrollTool,
    Tool.MEASURE: LineTool,
    Tool.ARROW: ArrowTool,
    Tool.CROSSHAIR: CrosshairTool,
    Tool.REGION: RegionTool,
    Tool.MAGNIFIER: MagnifierTool,
}
"""A row a tool; each view makes the objects that it needs."""

"""Which class does the work of which tool."""

from __future__ import annotations

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

TOOLS: dict[Tool, type[PointerTool]] = {
    Tool.WINDOW: WindowTool,
    Tool.PAN: PanTool,
    Tool.ZOOM: ZoomTool,
    Tool.SCROLL: ScrollTool,
    Tool.MEASURE: LineTool,
    Tool.ARROW: ArrowTool,
    Tool.CROSSHAIR: CrosshairTool,
}
"""A row a tool; each view makes the objects that it needs."""

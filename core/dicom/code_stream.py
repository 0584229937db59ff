"""What the header of a code stream says of its image: JPEG, JPEG-LS, JPEG 2000. Nothing is decoded here.

The size is compared with that of the data set before a decoder sees the stream, so it is read from the very
place from which decoders take it: a picture within the picture, a second frame header or a second code
stream in a box must not be taken for the image.
"""

from __future__ import annotations

import math
from typing import NamedTuple

# Transfer syntaxes whose pixels are compressed (PS3.6 A).
RLE_LOSSLESS = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"
JPEG_2000_LOSSY = "1.2.840.10008.1.2.4.91"
HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203))
JPEG_2000 = HTJ2K | {JPEG_2000_LOSSLESS, JPEG_2000_LOSSY}
JPEG_LS = frozenset({JPEG_LS_LOSSLESS, JPEG_LS_NEAR_LOSSLESS})

_J2K_START = b"\xff\x4f\xff\x51"  # start of code stream, then at once the size (ISO 15444-1 A.5.1)
_TILE_PART = b"\xff\x90"
_JP2_START = b"\x00\x00\x00\x0cjP"
_JPEG_END = b"\xff\xd9"
_SCAN, _END, _LS_FRAME, _LOSSLESS_FRAME = 0xDA, 0xD9, 0xF7, 0xC3
_MAX_BOXES = 64
_MAX_TILES = 65_535  # the number of a tile has 16 bits


class CodeStream(NamedTuple):
    """Header of a code stream: `precision` in bits of a sample.

    `is_whole`: a JPEG stream has its end mark, a JPEG 2000 stream all of its tiles. `marker`, `jfif`,
    `component_ids` and `adobe_transform` are of JPEG alone, `is_signed` and `tiles` of JPEG 2000.
    """

    rows: int
    columns: int
    components: int
    precision: int
    marker: int = 0
    component_ids: tuple[int, ...] = ()
    jfif: bool = False
    adobe_transform: int | None = None
    is_whole: bool = True
    is_signed: bool = False
    tiles: int = 1

    @property
    def is_jpeg_lossless(self) -> bool:
        """Whether this is a JPEG stream of the lossless process."""
        return self.marker == _LOSSLESS_FRAME

    @property
    def is_jpeg_ls(self) -> bool:
        """Whether this is a JPEG-LS stream."""
        return self.marker == _LS_FRAME

    @property
    def is_believable(self) -> bool:
        """Whether a stream may be divided as this one says."""
        return 0 < self.tiles <= _MAX_TILES


def read_code_stream(data: bytes, syntax: str) -> CodeStream | None:
    """Header of a code stream of a transfer syntax (not RLE, which has none); None if it is none."""
    return _jpeg_2000(data) if syntax in JPEG_2000 else _jpeg(data)


def sniffed_transfer_syntax(data: bytes) -> str:
    """Transfer syntax of a code stream by its first bytes, "" if it is none that is known."""
    if data.startswith((_J2K_START, _JP2_START)):
        return JPEG_2000_LOSSY
    frame = _jpeg(data)
    if frame is None:
        return ""
    if frame.marker == _LS_FRAME:
        return JPEG_LS_LOSSLESS
    return JPEG_LOSSLESS if frame.is_jpeg_lossless else JPEG_EXTENDED


def _jpeg_2000(data: bytes) -> CodeStream | None:
    """The SIZ segment of a JPEG 2000 code stream, bare or in a JP2 file (ISO 15444-1 A.5.1, I.5.4)."""
    start = _code_stream_in_boxes(data) if data.startswith(_JP2_START) else 0
    if data[start : start + 4] != _J2K_START:
        return None
    siz = data[start + 4 : start + 4 + 41]
    if len(siz) < 39:
        return None
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top = (
        int.from_bytes(siz[at : at + 4], "big") for at in range(4, 36, 4)
    )
    tiles = 0
    if tile_width and tile_height:
        tiles = math.ceil((right - tile_left) / tile_width) * math.ceil((bottom - tile_top) / tile_height)
    return CodeStream(
        rows=bottom - top,
        columns=right - left,
        components=int.from_bytes(siz[36:38], "big"),
        precision=(siz[38] & 0x7F) + 1,
        is_signed=bool(siz[38] & 0x80),
        tiles=tiles,
        is_whole=tiles > _MAX_TILES or _has_all_tiles(data, start, tiles),
    )


def _has_all_tiles(data: bytes, start: int, tiles: int) -> bool:
    """Whether each tile is there with all of its parts (ISO 15444-1 A.4.2); decoders leave gaps black.

    A stream whose parts cannot be followed is left to the decoder, which refuses it.
    """
    offset = start + 2
    while data[offset : offset + 2] != _TILE_PART:
        if data[offset : offset + 1] != b"\xff" or offset + 4 > len(data):
            return True
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
    seen: dict[int, int] = {}
    missing = tiles
    while (head := data[offset : offset + 12])[:2] == _TILE_PART and len(head) == 12:
        tile, length, parts = int.from_bytes(head[4:6], "big"), int.from_bytes(head[6:10], "big"), head[11]
        is_first = tile not in seen
        seen[tile] = seen.get(tile, 0) + 1
        missing -= is_first and tile < tiles
        if length == 0:  # the last one, up to the end
            break
        if length < 14 or offset + length > len(data):
            return False
        if 0 < parts < seen[tile]:
            return True
        offset += length
    return missing == 0


def _code_stream_in_boxes(data: bytes) -> int:
    """Offset of the code stream in a JP2 file; the length of the data if there is none."""
    offset = 0
    for _ in range(_MAX_BOXES):
        length, kind, head = (
            int.from_bytes(data[offset : offset + 4], "big"),
            data[offset + 4 : offset + 8],
            8,
        )
        if length == 1:  # the length has 64 bits
            length, head = int.from_bytes(data[offset + 8 : offset + 16], "big"), 16
        if kind == b"jp2c":
            return offset + head
        if length < head:
            break
        offset += length
    return len(data)


def _jpeg(data: bytes) -> CodeStream | None:
    """The one frame header of a JPEG or JPEG-LS code stream, with what its markers say of colour."""
    if not data.startswith(b"\xff\xd8"):
        return None
    offset, jfif, adobe = 2, False, None
    frame: CodeStream | None = None
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == 0xFF:  # fill byte
            offset += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            offset += 2
            continue
        if marker in (_SCAN, _END):
            break
        length = int.from_bytes(data[offset + 2 : offset + 4], "big")
        body = data[offset + 4 : offset + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF"):
            jfif = True
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
        elif _begins_frame(marker):
            if frame is not None:  # which of the two a decoder would follow, nobody knows
                return None
            frame = _jpeg_frame(marker, body)
            if frame is None:
                return None
        offset += 2 + length
    if frame is None:
        return None
    # Coded data hold no marker (a byte FF is stuffed), so what looks like the end is the end.
    is_whole = data.rfind(_JPEG_END, offset) >= 0
    return frame._replace(jfif=jfif, adobe_transform=adobe, is_whole=is_whole)


def _begins_frame(marker: int) -> bool:
    """Whether a marker is a start of frame: not a table (C4), an extension (C8) or conditioning (CC)."""
    return (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == _LS_FRAME


def _jpeg_frame(marker: int, body: bytes) -> CodeStream | None:
    """A frame header (ISO 10918-1 B.2.2), None if it breaks off."""
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    return CodeStream(
        rows=int.from_bytes(body[1:3], "big"),
        columns=int.from_bytes(body[3:5], "big"),
        components=body[5],
        precision=body[0],
        marker=marker,
        component_ids=tuple(body[6 + 3 * index] for index in range(body[5])),
    )

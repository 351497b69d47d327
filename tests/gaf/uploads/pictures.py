"""Photos and PDFs that tell on their makers, made here so that every byte is known."""

from __future__ import annotations

import io
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

MAKER = b"Kodjovi-Telephone"
PLACE = b"13 deg 30 N Agadez"


def photo(width: int = 40, height: int = 20, turned: int = 1, points: int = 0) -> bytes:
    """A JPEG as a telephone makes it: maker, place, which way it was held, a remark, and something after its end."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = MAKER.decode(), turned
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (13.0, 30.0, 0.0), PLACE.decode()
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((20, 20, 200), (0, 0, width // 2, height))
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif.tobytes(), comment=b"seen by " + MAKER)
    return made.getvalue() + b"MOTION" + PLACE


def drawing() -> bytes:
    """A PNG with words of its maker."""
    words = PngInfo()
    words.add_text("Author", MAKER.decode())
    words.add_itxt("Comment", PLACE.decode())
    made = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 90, 0, 120)).save(made, "PNG", pnginfo=words)
    return made.getvalue()


def _stream(dictionary: bytes, held: bytes) -> bytes:
    return b"<< " + dictionary + b" /Length %d >>\nstream\n" % len(held) + held + b"\nendstream\n"


def letter(*, inside: bytes = b"", with_photo: bool = False) -> bytes:
    """A PDF with its maker in the open, in a packed packet, in packed objects, perhaps in a photo inside it."""
    packet = (
        b'<?xpacket begin="" id="W5M0"?><x:xmpmeta><dc:creator>'
        + MAKER
        + b'</dc:creator></x:xmpmeta><?xpacket end="w"?>'
    )
    objects = b"7 0 << /Author (" + MAKER + b" \\(and) /ModDate (D:20261020) >>" + b" " * 200
    parts = [
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog " + inside + b">>\nendobj\n",
        b"2 0 obj\n<< /Author (" + MAKER + b" (chief)) /Producer <" + MAKER.hex().encode() + b"> >>\nendobj\n",
        b"3 0 obj\n" + _stream(b"/Type /Metadata /Filter /FlateDecode", zlib.compress(packet)) + b"endobj\n",
        b"4 0 obj\n" + _stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(objects)) + b"endobj\n",
        b"5 0 obj\n"
        + _stream(b"/Filter /FlateDecode", zlib.compress(b"BT (The words of the page) Tj ET"))
        + b"endobj\n",
        b"6 0 obj\n" + _stream(b"", packet) + b"endobj\n",
    ]
    if with_photo:
        parts.append(b"8 0 obj\n" + _stream(b"/Subtype /Image /Filter /DCTDecode", photo()) + b"endobj\n")
    return b"".join(parts) + b"trailer\n<< /Root 1 0 R /Info 2 0 R >>\n%%EOF\n"


def unpacked(content: bytes) -> bytes:
    """Everything a PDF says, its packed streams unpacked."""
    said = content
    for piece in content.split(b"stream\n"):
        try:
            said += zlib.decompressobj().decompress(piece)
        except zlib.error:
            continue
    return said

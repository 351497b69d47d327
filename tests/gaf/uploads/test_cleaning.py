"""A file is kept without what it tells about its maker, and not at all when it acts by itself."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from gaf.uploads.cleaning import cleaned
from tests.gaf.uploads.pictures import MAKER, PLACE, drawing, letter, photo, unpacked
from tests.refused import refused

pytestmark = pytest.mark.django_db  # a refusal changes nothing, so what is there is counted


def shown(content: bytes) -> Image.Image:
    """A picture as a reader opens it."""
    return Image.open(io.BytesIO(content))


class TestAPhoto:
    def test_tells_neither_maker_nor_place_afterwards(self):
        before = photo()
        assert MAKER in before
        assert shown(before).getexif().get_ifd(0x8825)

        kind, after = cleaned(before)

        assert kind == "image/jpeg"
        for told in (MAKER, PLACE, b"Exif", b"MOTION", b"seen by"):
            assert told not in after
        assert dict(shown(after).getexif()) == {}

    def test_shows_what_it_showed(self):
        after = shown(cleaned(photo())[1]).convert("RGB")

        assert after.size == (40, 20)
        assert after.getpixel((5, 10))[2] > 150 > after.getpixel((35, 10))[2]

    def test_stands_upright_when_the_telephone_was_held_sideways(self):
        assert shown(cleaned(photo(turned=6))[1]).size == (20, 40)

    def test_that_ends_too_early_is_refused(self):
        with refused("DOC-04"):
            cleaned(photo()[:400])

    def test_of_more_points_than_any_page_is_refused_before_it_is_drawn(self):
        head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
        chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
        data = zlib.compress(b"\0" * 1000)
        body = struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
        end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))

        with refused("DOC-04"):
            cleaned(b"\x89PNG\r\n\x1a\n" + chunk + body + end)

    def test_gives_the_same_bytes_when_it_is_added_twice(self):
        assert cleaned(photo()) == cleaned(photo())


class TestADrawing:
    def test_keeps_its_glass_and_loses_its_words(self):
        kind, after = cleaned(drawing())

        assert kind == "image/png"
        assert (MAKER in after, PLACE in after) == (False, False)
        assert shown(after).mode == "RGBA"


class TestALetter:
    def test_tells_nothing_of_its_maker_in_the_open_or_packed(self):
        before = letter(with_photo=True)
        assert unpacked(before).count(MAKER) >= 4

        after = cleaned(before)[1]

        assert MAKER not in unpacked(after)
        assert MAKER.hex().encode() not in after
        assert PLACE not in after
        assert b"20261020" not in unpacked(after)

    def test_keeps_its_length_and_its_words(self):
        before = letter(with_photo=True)
        after = cleaned(before)[1]

        assert len(after) == len(before)
        assert b"The words of the page" in unpacked(after)
        assert b"/Root 1 0 R" in after

    @pytest.mark.parametrize(
        "inside",
        [
            b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
            b"/OpenAction << /S /J#61vaScript >>",
            b"/Names << /EmbeddedFiles 9 0 R >>",
            b"/A << /S /Launch /F (cmd.exe) >>",
            b"/AcroForm << /XFA 9 0 R >>",
            b"/A << /S /SubmitForm >>",
        ],
    )
    def test_that_acts_by_itself_is_refused(self, inside):
        with refused("DOC-06"):
            cleaned(letter(inside=inside))

    def test_that_hides_its_program_in_packed_objects_is_refused(self):
        packed = zlib.compress(b"7 0 << /S /JavaScript >>")
        hidden = b"9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream\nendobj\n"

        with refused("DOC-06"):
            cleaned(letter().replace(b"trailer", hidden + b"trailer"))

    def test_that_is_locked_is_refused(self):
        with refused("DOC-06"):
            cleaned(letter().replace(b"/Root", b"/Encrypt 9 0 R /Root"))

    def test_that_is_not_whole_is_refused(self):
        with refused("DOC-04"):
            cleaned(letter()[:200])

    def test_that_unpacks_without_end_is_refused(self):
        bomb = zlib.compress(b"\0" * (40 * 1024 * 1024), 9)
        packed = b"9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + bomb + b"\nendstream\nendobj\n"

        with refused("DOC-06"):
            cleaned(letter().replace(b"trailer", packed + b"trailer"))

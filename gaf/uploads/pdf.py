"""Looks into a PDF without a reader of PDFs: what it would do by itself, and what it tells about who made it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gaf.uploads.kinds import not_stored

# What a document on file never needs: programs, other files inside it, and calls to the outside.
_ACTS_BY_ITSELF = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA|GoToR|GoToE)(?![A-Za-z0-9])"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_OF_ITS_MAKER = re.compile(
    rb"/(Author|Creator|Producer|Title|Subject|Keywords|Company|Manager|LastModifiedBy|CreationDate|ModDate|"
    rb"SourceModified)\s*(?=[(<][^<])"
)
_PACKET = re.compile(rb"(<\?xpacket begin.*?\?>)(.*?)(<\?xpacket end)", re.DOTALL)
_META = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>|<rdf:RDF.*?</rdf:RDF>", re.DOTALL)
_MOST_UNPACKED = 32 * 1024 * 1024
_NEAR_THE_END = 2048


@dataclass(frozen=True)
class Stream:
    """One stream of a PDF: its dictionary, and where its bytes begin and end."""

    dictionary: bytes
    begin: int
    end: int


def _streams(content: bytes) -> Iterator[Stream]:
    for found in _STREAM.finditer(content):
        end = content.find(b"endstream", found.end())
        if end < 0 or content[found.start() - 3 : found.start()] == b"end":
            continue
        begun = max(content.rfind(b" obj", 0, found.start()), 0)
        yield Stream(content[begun : found.start()], found.end(), end)


def _unpacked(content: bytes, stream: Stream) -> bytes | None:
    """What a compressed stream holds; None for one that is not compressed or in a way only pictures are."""
    if b"FlateDecode" not in stream.dictionary and b"/Fl " not in stream.dictionary:
        return None
    try:
        inflater = zlib.decompressobj()
        held = inflater.decompress(content[stream.begin : stream.end], _MOST_UNPACKED)
    except zlib.error:
        return None
    if inflater.unconsumed_tail:
        raise _unsound(_("It unpacks to more than 32 MB."))
    return held


def _unsound(why: str) -> Exception:
    return not_stored("DOC-06", why, _("Print it into a new PDF, or scan the page, then add it again."))


def require_sound(content: bytes) -> None:
    """Raises Refusal DOC-04 (no whole PDF) or DOC-06 (locked, acts by itself, or carries other files)."""
    if b"%%EOF" not in content[-_NEAR_THE_END:] or b" obj" not in content:
        raise not_stored("DOC-04", _("The PDF is not whole."), _("Save it again, then add it."))
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", content):
        raise _unsound(_("It is locked by a password, so nobody could check it."))
    parts = [content, *(held for one in _streams(content) if (held := _structure(content, one)) is not None)]
    for part in parts:
        plain = _ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), part)
        if _ACTS_BY_ITSELF.search(plain):
            raise _unsound(_("It holds a program, a form that sends itself, or another file."))


def _structure(content: bytes, stream: Stream) -> bytes | None:
    """What a stream of objects holds; words and pictures of pages are not structure."""
    return _unpacked(content, stream) if b"ObjStm" in stream.dictionary else None


def without_its_maker(content: bytes) -> bytes:
    """The same PDF of the same length, in which names, programs, dates and places of its making are spaces."""
    changed = bytearray(content)
    for stream in _streams(content):
        part = _stream_without_its_maker(content, stream)
        if part is not None:
            changed[stream.begin : stream.end] = part
    outside = _blank_words(bytes(changed))
    return _blank_packets(outside)


def _stream_without_its_maker(content: bytes, stream: Stream) -> bytes | None:
    room = stream.end - stream.begin
    raw = content[stream.begin : stream.end]
    if raw.startswith(b"\xff\xd8"):
        return _blank_segments(raw)
    if not re.search(rb"/ObjStm|/Metadata", stream.dictionary):
        return None
    held = _unpacked(content, stream)
    if held is None:
        return None
    packed = zlib.compress(_blank_packets(_blank_words(held)), 9)
    if len(packed) > room:
        packed = zlib.compress(b" " * len(held), 9) if b"/Metadata" in stream.dictionary else packed
    if len(packed) > room:
        raise _unsound(_("What it tells about its maker cannot be taken out."))
    return packed + b"\n" * (room - len(packed))


def _blank_words(text: bytes) -> bytes:
    """The words after each name of the list become spaces, their brackets kept."""
    changed = bytearray(text)
    for found in _OF_ITS_MAKER.finditer(text):
        begin = found.end()
        end = _end_of_words(text, begin)
        if text[begin : begin + 1] == b"<":
            changed[begin + 1 : end] = b"20" * ((end - begin - 1) // 2) + b"0" * ((end - begin - 1) % 2)
        else:
            changed[begin + 1 : end] = b" " * (end - begin - 1)
    return bytes(changed)


def _end_of_words(text: bytes, begin: int) -> int:
    """Where the words that begin with a bracket end: at the bracket that closes it."""
    if text[begin : begin + 1] == b"<":
        end = text.find(b">", begin)
        return end if end > 0 else len(text)
    deep, place = 0, begin
    while place < len(text):
        letter = text[place : place + 1]
        if letter == b"\\":
            place += 1
        elif letter == b"(":
            deep += 1
        elif letter == b")":
            deep -= 1
            if not deep:
                return place
        place += 1
    return len(text)


def _blank_packets(text: bytes) -> bytes:
    text = _PACKET.sub(lambda packet: packet[1] + b" " * len(packet[2]) + packet[3], text)
    return _META.sub(lambda packet: b" " * len(packet[0]), text)


def _blank_segments(picture: bytes) -> bytes:
    """A photo inside a PDF: its segments of camera, place and remarks are filled with noughts, length for length."""
    changed, place = bytearray(picture), 2
    while place + 4 <= len(picture) and picture[place] == 0xFF and picture[place + 1] != 0xDA:
        mark, long = picture[place + 1], int.from_bytes(picture[place + 2 : place + 4], "big")
        if mark == 0xFE or (0xE1 <= mark <= 0xEF and mark != 0xEE):
            inside = slice(place + 4, min(place + 2 + long, len(picture)))
            changed[inside] = bytes(inside.stop - inside.start)
        place += 2 + long
    after = picture.rfind(b"\xff\xd9") + 2
    if after > 1:  # some telephones put a second picture or a moving one behind the first
        changed[after:] = b"\n" * (len(picture) - after)
    return bytes(changed)

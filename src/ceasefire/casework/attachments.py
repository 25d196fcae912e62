"""Documents: the original sealed as it came, and a copy without metadata for those who are not of the centre.

A picture or a PDF tells where and when it was made, on whose device, by whom. That can identify who gave it. So others
than the centre are served a copy from which this was removed, or nothing, with the reason.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from ceasefire.model.errors import UsageError

JPEG, PNG, PDF, OTHER = "image/jpeg", "image/png", "application/pdf", "application/octet-stream"
_MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_FORMATS = ("JPEG", "PNG")
_MOST_PIXELS = 100_000_000
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """What can be served of a document.

    Parameters
    ----------
    media_type : str
        Told from its bytes, never from its name.
    served : bytes or None
        The copy without metadata.
    warning : str or None
        Why there is none.
    """

    media_type: str
    served: bytes | None
    warning: str | None


def media_type_of(content: bytes) -> str:
    """Return the type that the first bytes tell: JPEG, PNG, PDF, or anything else."""
    return next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), OTHER)


def checked_name(name: str) -> str:
    """Return the last part of a file's name, as it can be shown.

    Raises
    ------
    UsageError
        When nothing is left of it.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()[:_NAME_LENGTH]
    if not shown.strip("."):
        raise UsageError("The document has no name.", "Give the name of the file.")
    return shown


def strip_metadata(content: bytes) -> Stripped:
    """Return a copy without metadata, or why there is none.

    Pictures are drawn anew from their pixels, upright, as their first frame. Of a PDF go: the description, XMP, private
    data of programs, files and scripts inside it, the authors of notes. A PDF that is encrypted, or that holds
    photographs with metadata of their own, has no copy.

    Parameters
    ----------
    content : bytes
        The original.
    """
    kind = media_type_of(content)
    if kind == OTHER:
        return Stripped(media_type=kind, served=None, warning=_withheld("what it says of its maker cannot be removed"))
    try:
        served = _strip_pdf(content) if kind == PDF else _strip_picture(content, kind)
    except _CannotStripError as error:
        return Stripped(media_type=kind, served=None, warning=_withheld(str(error)))
    return Stripped(media_type=kind, served=served, warning=None)


class _CannotStripError(Exception):
    pass


def _withheld(reason: str) -> str:
    return f"Served to the centre only: {reason}."


def _strip_picture(content: bytes, kind: str) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on odd tags; what cannot be drawn raises
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise _CannotStripError("the picture is too large to be drawn anew")
                upright = ImageOps.exif_transpose(picture)
                mode = "RGB" if kind == JPEG else "RGBA"
                pixels = upright.convert(mode)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _CannotStripError("the picture cannot be drawn") from error
    # a new picture, so that nothing but pixels can come along
    bare = Image.frombytes(mode, pixels.size, pixels.tobytes())
    sink = io.BytesIO()
    bare.save(sink, **({"format": "JPEG", "quality": 92} if kind == JPEG else {"format": "PNG"}))
    return sink.getvalue()


_PRIVATE = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/A", "/JS", "/EF", "/AF", "/Thumb")
_NOTE = ("/T", "/RC", "/Subj", "/M", "/CreationDate", "/NM")
_ROOT = ("/OpenAction", "/AcroForm", "/Perms", "/DSS", "/Collection", "/SpiderInfo")


def _strip_pdf(content: bytes) -> bytes:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise _CannotStripError("the PDF is encrypted")
            _clean(pdf)
            sink = io.BytesIO()
            # what nothing refers to any more is not written, and earlier versions of the file neither
            pdf.save(sink, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise _CannotStripError("the PDF cannot be read") from error
    return sink.getvalue()


def _clean(pdf: object) -> None:
    import pikepdf

    assert isinstance(pdf, pikepdf.Pdf)  # noqa: S101  (the library is imported only where it is used)
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key in ("/EmbeddedFiles", "/JavaScript"):
            if key in names:
                del names[key]
    for key in _ROOT:
        if key in pdf.Root:
            del pdf.Root[key]
    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream) and _holds_photograph_data(found):
            raise _CannotStripError("the PDF holds photographs with metadata of their own")
        if not isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            continue
        is_note = found.get("/Type") == "/Annot" or found.get("/Subtype") in ("/Text", "/FileAttachment", "/FreeText")
        for key in _PRIVATE + (_NOTE if is_note else ()):
            if key in found:
                del found[key]


def _holds_photograph_data(stream: object) -> bool:
    """Whether a stream is a JPEG that carries Exif, XMP, IPTC or a comment."""
    import pikepdf

    assert isinstance(stream, pikepdf.Stream)  # noqa: S101
    if stream.get("/Subtype") != "/Image":
        return False
    filters = stream.get("/Filter")
    listed = [filters] if isinstance(filters, pikepdf.Name) else list(filters) if filters is not None else []
    if not any(each in ("/DCTDecode", "/JPXDecode") for each in listed):
        return False
    if len(listed) > 1:
        return True  # packed once more: not looked into, so not trusted
    raw = bytes(stream.read_raw_bytes())
    return any(
        mark in raw for mark in (b"Exif\x00", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"\xff\xfe", b"uuid")
    )

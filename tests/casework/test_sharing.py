"""What a party is told, and that everything told to it can be checked without the centre."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from ceasefire.casework.attachments import checked_name, strip_metadata
from ceasefire.casework.excerpt import check_excerpt
from ceasefire.ledger.audit import Checkpoint
from ceasefire.model.errors import InputError, NotAllowedError, UnknownRecordError, UsageError

from .conftest import Office
from .test_route import refused

TOLD = "Hasselbad-Mk9"


def photograph() -> bytes:
    """Return a picture that tells its camera, lying on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = TOLD, 6
    sink = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(sink, "JPEG", exif=exif, comment=TOLD)
    return sink.getvalue()


def drawing() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", TOLD)
    sink = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(sink, "PNG", pnginfo=told)
    return sink.getvalue()


def document(*, picture: bytes | None = None, password: str | None = None) -> bytes:
    """Return a PDF that tells its author in every place it can."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    pdf.docinfo["/Author"] = TOLD
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [TOLD]
    pdf.attachments["notes.txt"] = TOLD.encode()
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, T=TOLD, Contents="A note", Rect=[0, 0, 9, 9]
    )
    page.obj["/Annots"] = pdf.make_indirect([pdf.make_indirect(note)])
    if picture:
        image = pikepdf.Stream(pdf, picture)
        image["/Type"], image["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Image
        image["/Width"], image["/Height"], image["/BitsPerComponent"] = 40, 20, 8
        image["/ColorSpace"], image["/Filter"] = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    sink = io.BytesIO()
    encryption = pikepdf.Encryption(owner=password, user="") if password else False
    pdf.save(sink, encryption=encryption)
    return sink.getvalue()


def unpacked(content: bytes) -> bytes:
    """Return a PDF with every stream it holds laid open."""
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        options = {"stream_decode_level": pikepdf.StreamDecodeLevel.all, "compress_streams": False}
        pdf.save(sink, object_stream_mode=pikepdf.ObjectStreamMode.disable, **options)
    return sink.getvalue()


def test_a_picture_is_served_upright_and_without_what_it_tells():
    assert TOLD.encode() in photograph()  # the control
    stripped = strip_metadata(photograph())
    assert stripped.served is not None
    assert (stripped.media_type, stripped.warning) == ("image/jpeg", None)
    assert TOLD.encode() not in stripped.served
    with Image.open(io.BytesIO(stripped.served)) as served:
        assert (served.size, dict(served.getexif())) == ((20, 40), {})
    drawn = strip_metadata(drawing())
    assert drawn.served is not None
    assert TOLD.encode() in drawing()
    assert TOLD.encode() not in drawn.served
    with Image.open(io.BytesIO(drawn.served)) as served:
        assert served.getpixel((1, 1)) == (0, 0, 255, 255)


def test_a_document_is_served_without_what_it_tells():
    assert unpacked(document()).count(TOLD.encode()) >= 4  # the control
    stripped = strip_metadata(document())
    assert stripped.served is not None
    assert TOLD.encode() not in unpacked(stripped.served)
    with pikepdf.open(io.BytesIO(stripped.served)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.pages[0].obj["/Annots"][0]["/Contents"]) == "A note"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 a workbook", "cannot be removed"),
        (b"\xff\xd8\xff\xe0 no picture", "cannot be drawn"),
        (b"%PDF-1.7 no document", "cannot be read"),
        (document(password="x"), "encrypted"),  # noqa: S106
        (document(picture=photograph()), "photographs with metadata"),
    ],
)
def test_what_cannot_be_stripped_is_for_the_centre_only(content: bytes, reason: str):
    stripped = strip_metadata(content)
    assert stripped.served is None
    assert stripped.warning is not None
    assert reason in stripped.warning


def test_a_document_with_a_clean_picture_is_served():
    sink = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(sink, "JPEG")
    assert strip_metadata(document(picture=sink.getvalue())).served is not None


@pytest.mark.parametrize(
    ("name", "shown"), [("../../etc/a.pdf", "a.pdf"), ("C:\\x\\b.jpg", "b.jpg"), ("c\x00\n.png", "c.png")]
)
def test_the_name_of_a_document_is_its_last_part(name: str, shown: str):
    assert checked_name(name) == shown


@pytest.mark.parametrize("name", ["", "..", "a/", "\x00"])
def test_a_document_without_a_name_is_refused(name: str):
    with pytest.raises(UsageError, match="no name"):
        checked_name(name)


def test_who_may_not_attach_leaves_nothing_behind(office: Office):
    id_ = office.filed()
    refused(office, UnknownRecordError, "no case file", office["liaison-b"].attach, id_, "a.jpg", photograph())
    assert not office.batches.folder.exists()
    refused(office, UsageError, "is empty", office["analyst"].attach, id_, "a.jpg", b"")


def test_a_party_is_served_the_copy_and_the_centre_the_original(office: Office):
    id_ = office.notified()
    view = office["analyst"].attach(id_, "mill.jpg", photograph(), share_with=["b"])
    (attachment,) = view.attachments
    assert office["monitor"].document(id_, attachment.position)[1] == photograph()
    assert TOLD.encode() not in office["liaison-b"].document(id_, attachment.position)[1]
    refused(office, UnknownRecordError, "no case file", office["liaison-a"].document, id_, attachment.position)
    workbook = office["analyst"].attach(id_, "list.xlsx", b"PK\x03\x04", share_with=["b"]).attachments[1]
    refused(office, NotAllowedError, "centre only", office["liaison-b"].document, id_, workbook.position)


def test_a_party_sees_what_was_told_to_it_and_no_more(office: Office):
    id_ = office.drafted()
    office["analyst"].comment(id_, "Between us.")
    office["analyst"].comment(id_, "To b.", share_with=["b"])
    office["liaison-a"].comment(id_, "From a.")
    seen = {who: [one.text for one in office[who].read(id_).comments] for who in ("analyst", "liaison-a", "liaison-b")}
    assert seen == {
        "analyst": ["Between us.", "To b.", "From a."],
        "liaison-a": ["From a."],
        "liaison-b": ["To b."],
    }
    told = office["liaison-b"].read(id_)
    assert (told.draft, told.interests, told.conflicts, told.grade_reason) == (None, (), (), None)
    assert office["analyst"].read(id_).draft is not None
    assert "report_ids" not in {field.name for field in told.fields}
    position = office["analyst"].read(id_).comments[0].position
    office["head"].share(id_, [position], share_with=["a"], reason="Agreed.")
    assert [one.text for one in office["liaison-a"].read(id_).comments] == ["Between us.", "From a."]
    refused(office, NotAllowedError, "no party", office["head"].share, id_, [position], share_with=["c"], reason="R")
    refused(office, UsageError, "not of this case", office["head"].share, id_, [999], share_with=["a"], reason="R")


def test_the_allegation_can_be_put_to_a_party_without_showing_it(office: Office):
    id_ = office.filed()
    office.move("analyst", id_, "admit")
    office.move("head", id_, "assign", assignee="analyst")
    offers = [{"party": "b", "statement": "Twelve rounds at the mill."}]
    office.move("analyst", id_, "notify", offers=offers, with_allegation=False)
    assert "summary" not in {field.name for field in office["liaison-b"].read(id_).fields}
    assert [one.text for one in office["liaison-b"].read(id_).replies] == ["Twelve rounds at the mill."]
    assert "summary" in {field.name for field in office["liaison-a"].read(id_).fields}


def test_notices_say_who_must_know_and_since_when(office: Office):
    id_ = office.filed()
    assert [one.kind for one in office["analyst"].notices(since=0)] == ["case-file-opened"]
    assert office["liaison-a"].notices(since=0) == ()  # it did it itself
    assert office["liaison-b"].notices(since=0) == ()
    office.move("analyst", id_, "admit")
    office.move("head", id_, "assign", assignee="second")
    view = office.move("analyst", id_, "notify", offers=[{"party": "b", "statement": "It is alleged."}])
    told = office["liaison-b"].notices(since=1)
    assert {one.position for one in told} == {view.revision}  # the allegation too, from when it was told
    assert [one.kind for one in told] == ["case-file-moved", "case-file-opened"]
    assert all(one.reply_until for one in told)
    assert office["liaison-b"].notices(since=view.revision) == ()
    office["monitor"].comment(id_, "Look at the map.")
    assert [one.kind for one in office["second"].notices(since=view.revision)] == ["case-file-comment"]
    assert office["head"].notices(since=view.revision) == ()


def test_an_excerpt_is_checked_without_the_ledger(office: Office, tmp_path: Path):
    id_ = office.notified()
    office["analyst"].comment(id_, "Between us.")
    office["analyst"].attach(id_, "mill.jpg", photograph(), share_with=["b"])
    own = office["liaison-b"].attach(id_, "ours.jpg", photograph()).attachments[1]
    count = office["liaison-b"].export("b", tmp_path / "for-b")
    report = check_excerpt(tmp_path / "for-b")
    assert (report.ok, report.party, report.entries) == (True, "b", count)
    assert report.documents == 2  # both attachments give one copy; of its own, b has the original as well
    assert own.original in {path.name for path in (tmp_path / "for-b" / "documents").iterdir()}
    lines = (tmp_path / "for-b" / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds == ["case-file-opened", "case-file-moved", "case-file-attached", "case-file-attached"]
    assert "Between us." not in "".join(lines)
    refused(office, NotAllowedError, "own liaison", office["liaison-b"].export, "a", tmp_path / "for-a")
    refused(office, UsageError, "is not empty", office["liaison-b"].export, "b", tmp_path / "for-b")


def test_the_next_excerpt_continues_the_one_before(office: Office, tmp_path: Path):
    id_ = office.notified()
    office["liaison-b"].export("b", tmp_path / "first")
    first = check_excerpt(tmp_path / "first")
    paper = Checkpoint(2, office.ledger.root(2))
    office["analyst"].comment(id_, "More.", share_with=["b"])
    office["liaison-b"].export("b", tmp_path / "second", noted=[paper])
    for noted in (Checkpoint(first.size, first.root), paper):
        assert check_excerpt(tmp_path / "second", checkpoint=noted).ok
    own = check_excerpt(tmp_path / "second")
    assert check_excerpt(tmp_path / "second", checkpoint=Checkpoint(own.size, own.root)).ok
    forged = check_excerpt(tmp_path / "second", checkpoint=Checkpoint(first.size, "0" * 64))
    assert "no proof for what was noted" in str(forged.faults[0])
    foreign = Checkpoint(2, "0" * 64)
    refused(office, UsageError, "not of this ledger", office["liaison-b"].export, "b", tmp_path / "x", noted=[foreign])


@pytest.mark.parametrize("damage", ["payload", "author", "line", "document", "missing", "stranger", "root", "proof"])
def test_an_excerpt_that_was_altered_is_found_out(office: Office, tmp_path: Path, damage: str):
    id_ = office.notified()
    office["analyst"].attach(id_, "mill.jpg", photograph(), share_with=["b"])
    folder = tmp_path / "for-b"
    office["liaison-b"].export("b", folder)
    assert check_excerpt(folder).ok  # the control
    entries, summary = folder / "entries.jsonl", folder / "excerpt.json"
    lines = entries.read_text(encoding="utf-8").splitlines(keepends=True)
    (document,) = (folder / "documents").iterdir()
    first = json.loads(lines[0])
    if damage == "payload":
        lines[0] = lines[0].replace("Twelve rounds", "Thirteen rounds")
    elif damage == "author":
        lines[0] = json.dumps({**first, "author": "somebody"}) + "\n"
    elif damage == "proof":
        lines[0] = json.dumps({**first, "proof": first["proof"][1:]}) + "\n"
    elif damage == "line":
        lines = lines[1:]
    elif damage == "document":
        document.write_bytes(b"another")
    elif damage == "missing":
        document.unlink()
    elif damage == "stranger":
        (folder / "documents" / "more").write_bytes(b"x")
    else:
        said = json.loads(summary.read_text(encoding="utf-8"))
        summary.write_text(json.dumps({**said, "root": "ab" * 32}), encoding="utf-8")
    entries.write_text("".join(lines), encoding="utf-8")
    assert not check_excerpt(folder).ok


@pytest.mark.parametrize("content", ["", "{}", '{"format": 2}', '{"format": 1, "size": "x"}', "[]"])
def test_a_folder_that_is_no_excerpt_is_refused(tmp_path: Path, content: str):
    (tmp_path / "excerpt.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="no summary of an excerpt"):
        check_excerpt(tmp_path)

"""Submissions of a form as servers export them: CSV, JSON, XML, or an archive of these with their photographs.

Whatever a file calls a field (``where-place``, ``where/place``, ``place``, nested records), it comes out under the
path that the form gives it. What the form does not ask is counted, and stays in the sealed original alone.

Past 400 lines because the habits of each server are told apart in one place.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from ceasefire.intake.xlsform import fields
from ceasefire.model.canonical import sha256_hex
from ceasefire.model.errors import InputError

MOST_BYTES = 500_000_000
"""Of a file, and of an archive once unpacked."""
MOST_FILES = 20_000
MOST_SUBMISSIONS = 100_000
_DEEPEST = 50
"""Records within records; the form has two."""
_FIELDS = fields()
_REPEATED = ("photo", "photo_note")
_POINT = "point"
_POINT_PARTS = ("Latitude", "Longitude", "Altitude", "Accuracy")
_META = {
    "instance_id": ("meta/instanceID", "meta-instanceID", "instanceID", "_uuid", "KEY", "__id"),
    "deprecated_id": ("meta/deprecatedID", "meta-deprecatedID", "deprecatedID"),
    "root_id": ("meta/rootUuid", "meta-rootUuid", "rootUuid", "KEY", "__id"),
    "edits": ("Edits", "__system/edits"),
    "submitted_at": ("SubmissionDate", "__system/submissionDate", "_submission_time"),
    "form_id": ("_xform_id_string", "@id"),
    "form_version": ("FormVersion", "__system/formVersion", "__version__", "@version"),
}
"""What a submission says of itself, and under which names servers give it, the surest first."""
_OF_THE_SERVER = re.compile(
    r"^(_|__|@)|^(meta|formhub)([/-]|$)|^(instanceID|instanceName|deprecatedID|rootUuid|KEY|PARENT_KEY|SubmissionDate|"
    r"SubmitterID|SubmitterName|AttachmentsPresent|AttachmentsExpected|Status|ReviewState|DeviceID|Edits|FormVersion)$"
)
"""Names that servers add: they change between two exports of one submission, and are no part of what it says."""
_EDITS = re.compile(r"^[0-9]{1,9}$", re.ASCII)
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSubmission:
    """One submission, as text under the form's own paths.

    Parameters
    ----------
    where : str
        The file it stands in, as the user named it, and, of an archive, the file within.
    line : int or None
        Of its row or record, counted from 1.
    instance_id : str
        Empty where it has none.
    deprecated_id, root_id : str or None
        The instance that this one edits; the first of the chain, where the server says so.
    edits : int or None
        How many edits the server counts up to it.
    submitted_at, form_id, form_version : str or None
        As written.
    answers : mapping of str to str
        Field to what was answered; blank ones left out.
    photos : tuple of mapping
        ``photo`` and ``photo_note`` of each.
    others : mapping of str to str
        What the form does not ask, under the name it has in the file.
    """

    where: str
    line: int | None
    instance_id: str
    deprecated_id: str | None
    root_id: str | None
    edits: int | None
    submitted_at: str | None
    form_id: str | None
    form_version: str | None
    answers: Mapping[str, str]
    photos: tuple[Mapping[str, str], ...]
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionFile:
    """A file of submissions, taken apart.

    Parameters
    ----------
    submissions : tuple of RawSubmission
        In the order of the file.
    media : mapping of str to str
        Name of each photograph or other file within to the SHA-256 of its bytes.
    """

    submissions: tuple[RawSubmission, ...]
    media: Mapping[str, str]


def open_submissions(path: str | Path, content: bytes) -> SubmissionFile:
    """Take a file of submissions apart; its bytes decide what it is, not its name.

    Parameters
    ----------
    path : str or Path
        What the user called it.
    content : bytes
        The file.

    Raises
    ------
    InputError
        When it is none, or larger than can be taken.
    """
    name = str(path)
    if len(content) > MOST_BYTES:
        raise _too_large(name)
    if content[:4] == b"PK\x03\x04":
        parts, media = _unpacked(name, content)
    else:
        parts, media = [(name, content)], {}
    parts = [(where, part) for where, part in parts if part.strip()]
    tables = [(where, part) for where, part in parts if not _is_marked_up(part)]
    records: list[tuple[str, int | None, dict[str, str], list[dict[str, str]]]] = []
    for where, part in parts:
        if _is_marked_up(part):
            records.append(_from_xml(where, part))
        elif part.lstrip()[:1] in (b"{", b"["):
            records += _from_json(where, part)
    delimited = [(where, part) for where, part in tables if part.lstrip()[:1] not in (b"{", b"[")]
    records += _from_csv(name, delimited)
    if not records:
        raise InputError.single(
            name,
            "holds no submission.",
            "A file without submissions would pass for a day without reports.",
            "Export the form's submissions as CSV, JSON or XML, with values and not labels, and import that file.",
        )
    if len(records) > MOST_SUBMISSIONS:
        raise _too_large(name)
    return SubmissionFile(submissions=tuple(_raw(*record) for record in records), media=media)


def _unpacked(name: str, content: bytes) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """Return the data files of an archive, and the hashes of what else is in it."""
    parts: list[tuple[str, bytes]] = []
    media: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = [info for info in archive.infolist() if not info.is_dir()]
            if len(held) > MOST_FILES or sum(info.file_size for info in held) > MOST_BYTES:
                raise _too_large(name)
            for info in held:
                last = PurePosixPath(info.filename.replace("\\", "/")).name
                if last.startswith(".") or "__MACOSX" in info.filename:
                    continue
                part = archive.read(info)
                if last.lower().endswith((".csv", ".json", ".xml")):
                    parts.append((f"{name}/{info.filename}", part))
                else:
                    media[last] = sha256_hex(part)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise InputError.single(
            name,
            "is an archive that cannot be unpacked.",
            f"It was cut, damaged or locked with a password ({error}).",
            "Fetch it again, or unpack it and import the file within.",
        ) from error
    return parts, media


def _is_marked_up(part: bytes) -> bool:
    return part.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


_Record = tuple[str, int | None, dict[str, str], list[dict[str, str]]]


def _from_xml(where: str, part: bytes) -> _Record:
    """Read one submission as a phone sends it."""
    # in UTF-16, without a mark at its beginning, the reader would see what this looks for and does not
    if b"\0" in part or b"<!doctype" in part[:4096].lower() or b"<!entity" in part.lower():
        raise InputError.single(
            where,
            "has a document type of its own, or is not UTF-8; no submission is so.",
            "It could make the reader fetch or unfold what is not in the file.",
            "Export the submission again from the server.",
        )
    try:
        root = ElementTree.fromstring(part)  # noqa: S314  (no entities: refused above)
    except ElementTree.ParseError as error:
        raise InputError.single(
            where,
            f"is not XML that can be read: {error}.",
            "The file was cut, or is something else.",
            "Export the submission again from the server.",
            line=error.position[0],
        ) from error
    flat: dict[str, str] = {f"@{key}": value for key, value in root.attrib.items()}
    repeats: list[dict[str, str]] = []

    def walk(element: ElementTree.Element, path: str) -> None:
        if path.count("/") > _DEEPEST:
            raise _too_deep(where)
        for child in element:
            tag = child.tag.rpartition("}")[2]
            here = f"{path}/{tag}" if path else tag
            if here == "photos":
                repeats.append({each.tag.rpartition("}")[2]: (each.text or "").strip() for each in child})
            elif len(child):
                walk(child, here)
            elif child.text and child.text.strip():
                flat[here] = child.text.strip()

    walk(root, "")
    return where, None, flat, repeats


def _from_json(where: str, part: bytes) -> Iterator[_Record]:
    """Read records as servers' interfaces answer them."""
    try:
        said = json.loads(part.decode("utf-8-sig"))
    except ValueError as error:  # of the letters, the signs, or a number longer than any
        raise InputError.single(
            where, f"is not JSON: {error}.", "The file was cut, or is something else.", "Export it again.",
        ) from error  # fmt: skip
    except RecursionError:
        raise _too_deep(where) from None
    if isinstance(said, dict):
        said = next((said[key] for key in ("value", "results") if isinstance(said.get(key), list)), [said])
    for number, record in enumerate(said, start=1):
        if not isinstance(record, dict):
            raise InputError.single(
                where, "is JSON, but not a list of submissions.", "Answers need names.", "Export it again."
            )
        flat: dict[str, str] = {}
        repeats: list[dict[str, str]] = []
        _flatten(record, "", flat, repeats, where)
        yield where, number, flat, repeats


def _flatten(
    record: Mapping[str, Any], path: str, flat: dict[str, str], repeats: list[dict[str, str]], where: str
) -> None:
    if path.count("/") > _DEEPEST:
        raise _too_deep(where)
    for key, value in record.items():
        here = f"{path}/{key}" if path else key
        if isinstance(value, dict) and value.get("type") == "Point" and "coordinates" in value:
            flat[here] = _point_text(value)
        elif isinstance(value, dict):
            _flatten(value, here, flat, repeats, where)
        elif isinstance(value, list) and here.rpartition("/")[2] == "photos":
            repeats += [
                {name.rpartition("/")[2]: str(said) for name, said in one.items() if said not in (None, "")}
                for one in value
                if isinstance(one, dict)
            ]
        elif isinstance(value, list):
            flat[here] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, bool):
            flat[here] = "true" if value else "false"
        elif value is not None and str(value).strip():
            flat[here] = str(value)


def _point_text(value: Mapping[str, Any]) -> str:
    """Write a GeoJSON point as phones write one: latitude, longitude, altitude, accuracy; what is none, as it is."""
    place, properties = value["coordinates"], value.get("properties")
    if not isinstance(place, list) or len(place) < 2:
        return json.dumps(place, ensure_ascii=False)
    longitude, latitude, *height = place
    accuracy = properties.get("accuracy") if isinstance(properties, dict) else None
    return " ".join(
        str(part if part is not None else 0) for part in (latitude, longitude, (height or [0])[0], accuracy)
    )


def _from_csv(name: str, parts: Iterable[tuple[str, bytes]]) -> list[_Record]:
    """Read the table of submissions, and the tables of what repeats within one."""
    mains: list[tuple[str, list[str], list[tuple[int, list[str]]]]] = []
    children: dict[str, list[dict[str, str]]] = {}
    for where, part in parts:
        header, rows = _rows(where, part)
        if "PARENT_KEY" in header:
            for _, row in rows:
                said = dict(zip(header, row, strict=False))
                repeat = {key.rpartition("/")[2].rpartition("-")[2]: value for key, value in said.items() if value}
                children.setdefault(said["PARENT_KEY"], []).append(repeat)
        else:
            mains.append((where, header, rows))
    records: list[_Record] = []
    for where, header, rows in mains:
        if not {"form_format", *(_FIELDS["title"], "title", "what-title")} & set(header):
            raise InputError.single(
                where,
                "has none of the form's questions in its header.",
                "It is another form's, or was exported with labels in place of names.",
                "Export it again, with values and names (XML), and with the groups.",
                line=1,
            )
        for line, row in rows:
            said = {key: value for key, value in zip(header, row, strict=False) if value.strip()}
            keys = {said.get(each, "") for each in ("KEY", "meta-instanceID", "meta/instanceID", "instanceID")} - {""}
            records.append((where, line, said, [one for key in sorted(keys) for one in children.get(key, ())]))
    if not records and mains:
        raise InputError.single(
            name,
            "has a header and no rows.",
            "A file without submissions would pass for a day without reports.",
            "Export it again once there are submissions.",
            line=1,
        )
    return records


def _rows(where: str, part: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = part.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.single(
            where,
            "is not UTF-8.",
            "Names in other scripts would be read as something else.",
            "Save it as CSV UTF-8, or export it again.",
        ) from error
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    rows: list[tuple[int, list[str]]] = []
    line = 1
    header: list[str] = []
    try:
        for cells in reader:
            if not header:
                header = [cell.strip() for cell in cells]
            elif any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError.single(
            where, f"cannot be read as rows: {error}.", "Nothing was imported.", "Export it again.", line=line
        ) from error
    return header, rows


def _raw(where: str, line: int | None, said: Mapping[str, str], repeats: Iterable[Mapping[str, str]]) -> RawSubmission:
    answers: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, value in said.items():
        known = _KNOWN.get(name)
        if known is not None:
            answers[known] = value.strip()
        elif name not in _POINT_COLUMNS and not _OF_THE_SERVER.search(name) and not _is_split(name):
            others[name] = value
    if _POINT not in answers:
        parts = [next((said[name] for name in names if said.get(name)), "0") for names in _POINT_NAMES]
        if parts[:2] != ["0", "0"]:
            answers[_POINT] = " ".join(parts)
    meta = {key: next((said[name] for name in names if said.get(name)), None) for key, names in _META.items()}
    edits = meta["edits"]
    return RawSubmission(
        where=where,
        line=line,
        instance_id=_instance(meta["instance_id"]) or "",
        deprecated_id=_instance(meta["deprecated_id"]),
        root_id=_instance(meta["root_id"]),
        edits=int(edits) if edits is not None and _EDITS.match(edits) else None,
        submitted_at=meta["submitted_at"],
        form_id=meta["form_id"],
        form_version=meta["form_version"],
        answers=answers,
        photos=tuple({key: one[key] for key in _REPEATED if one.get(key)} for one in repeats),
        others=others,
    )


def _instance(text: str | None) -> str | None:
    """Return an instance id as phones write it: some servers leave its scheme away."""
    if not text:
        return None
    text = text.strip()
    return f"uuid:{text.lower()}" if _UUID.match(text) else text


def _is_split(name: str) -> bool:
    """Whether a column is one choice of an answer that another column has whole, such as ``acts/shelling``."""
    head, _, _ = name.rpartition("/")
    return head in _KNOWN


_KNOWN = {
    written: name
    for name, path in _FIELDS.items()
    if name not in _REPEATED
    for written in (name, path, path.replace("/", "-"))
}
"""Every name under which a server writes a field, and the field."""
_POINT_NAMES = tuple(
    tuple(
        name
        for path in (_POINT, _FIELDS[_POINT], _FIELDS[_POINT].replace("/", "-"))
        for name in (f"{path}-{part}", f"_{path}_{'precision' if part == 'Accuracy' else part.lower()}")
    )
    for part in _POINT_PARTS
)
_POINT_COLUMNS = frozenset(name for names in _POINT_NAMES for name in names)


def _too_deep(where: str) -> InputError:
    return InputError.single(
        where,
        f"has more than {_DEEPEST} records within one another.",
        "No form asks so; a file made to fill the memory would stop the centre.",
        "Export it again from the server.",
    )


def _too_large(name: str) -> InputError:
    return InputError.single(
        name,
        f"is larger than can be taken at once: {MOST_SUBMISSIONS:,} submissions, {MOST_FILES:,} files, "
        f"{MOST_BYTES // 1_000_000:,} MB unpacked.",
        "A file made to fill the memory would stop the centre.",
        "Export it in parts, by date.",
    )

"""Submissions as phones and servers write them, for the tests of every room."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from ceasefire.intake.xlsform import fields

PATHS = fields()
IDENTITY = "Salim, who keeps the ferry"
ANSWERS: dict[str, str] = {
    "start": "2021-04-22T09:00:00.000-03:00",
    "end": "2021-04-22T09:20:00.000-03:00",
    "form_format": "1",
    "speaker": "mission-patrols",
    "basis": "witness",
    "consent": "yes",
    "told_on": "2021-04-22",
    "identity_needed": "yes",
    "source_identity": IDENTITY,
    "source_contact": "through the miller",
    "stance": "asserts",
    "alleges": "yes",
    "invokes": "self-defence",
    "title": "Shells on the market",
    "acts": "shelling small-arms-fire",
    "account": 'Two came before dawn, "one after another"; then shots.\nسقطت اثنتان قبل الفجر',
    "account_language": "en",
    "time_precision": "hour",
    "occurred_at": "2021-04-21T05:00:00.000-03:00",
    "first_day": "2021-04-21",
    "place_kind": "point",
    "point": "26.6801 -42.9003 12.0 400.0",
    "nearness": "there",
    "place_name": "the fish stalls",
    "direction": "one-sided",
    "perpetrators": "republic-army other",
    "perpetrator_other": "Sons of the Pier",
    "targets": "civilians",
    "counted": "killed killed_civilian killed_combatant killed_unknown injured",
    "killed_low": "2",
    "killed_best": "3",
    "killed_high": "5",
    "killed_civilian_low": "2",
    "killed_civilian_best": "2",
    "killed_civilian_high": "4",
    "killed_combatant_best": "0",
    "killed_unknown_best": "1",
    "injured_high": "9",
    "remark": "The miller would rather not be asked again.",
}
"""A submission that answers nearly everything."""
SEALED = ("source_identity", "source_contact", "remark")
PHOTO = {"photo": "1619077200.jpg", "photo_note": "A crater by the stalls"}


def instance(number: int) -> str:
    """Return an instance id."""
    return f"uuid:{uuid.UUID(int=number)}"


def answers(**changes: str | None) -> dict[str, str]:
    """Return the answers with changes; None leaves one out."""
    return {name: said for name, said in {**ANSWERS, **changes}.items() if said is not None}


def columns(given: Mapping[str, str], separator: str = "-", **meta: str) -> dict[str, str]:
    """Return a row as a server's table has it."""
    row = {PATHS[name].replace("/", separator): said for name, said in given.items()}
    return {**row, **{name.replace("__", separator): said for name, said in meta.items()}}


def table(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as CSV."""
    held = list(rows)
    names = list(dict.fromkeys(name for row in held for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(held)
    return text.getvalue().encode()


def one(given: Mapping[str, str], number: int, deprecated: int | None = None) -> bytes:
    """Return a table of one submission."""
    edited = {} if deprecated is None else {"meta__deprecatedID": instance(deprecated)}
    return table([columns(given, meta__instanceID=instance(number), **edited)])


def xml(given: Mapping[str, str], number: int, photos: Iterable[Mapping[str, str]] = ()) -> bytes:
    """Return a submission as a phone sends it."""
    tree: dict[str, Any] = {}
    for name, said in given.items():
        *groups, leaf = PATHS[name].split("/")
        at = tree
        for group in groups:
            at = at.setdefault(group, {})
        at[leaf] = said

    def written(at: Mapping[str, Any]) -> str:
        return "".join(
            f"<{name}>{written(said) if isinstance(said, dict) else escape(said)}</{name}>" for name, said in at.items()
        )

    repeats = "".join(f"<photos>{written(photo)}</photos>" for photo in photos)
    return (
        '<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="riverline-incident-report" '
        f'version="abc">{written(tree)}{repeats}<orx:meta><orx:instanceID>{instance(number)}</orx:instanceID>'
        "</orx:meta></data>"
    ).encode()


def kobo(given: Mapping[str, str], number: int, photos: Iterable[Mapping[str, str]] = ()) -> bytes:
    """Return a submission as Kobo's interface answers it."""
    record: dict[str, Any] = {
        **columns(given, "/"),
        "photos": [{f"photos/{name}": said for name, said in photo.items()} for photo in photos],
        "_id": 71,
        "_uuid": instance(number).removeprefix("uuid:"),
        "meta/instanceID": instance(number),
        "_submission_time": "2021-04-22T12:21:00",
        "_submitted_by": "field-team-2",
        "_geolocation": [26.6801, -42.9003],
        "_attachments": [],
    }
    return json.dumps({"count": 1, "results": [record]}).encode()


def central(given: Mapping[str, str], number: int, photos: Iterable[Mapping[str, str]] = ()) -> bytes:
    """Return a submission as ODK Central's archive has it: a table, one of what repeats, the photographs."""
    told = {name: said for name, said in given.items() if name != "point"}
    parts = (given.get("point") or "").split()
    names = ("Latitude", "Longitude", "Altitude", "Accuracy")
    point = {f"where-point-{name}": part for name, part in zip(names, parts, strict=False)}
    meta = {"SubmissionDate": "2021-04-22T12:21:00.000Z", "SubmitterName": "Team 2", "DeviceID": "d:1", "Edits": "0"}
    main = {**columns(told, meta__instanceID=instance(number)), **point, **meta, "KEY": instance(number)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("riverline-incident-report.csv", table([main]))
        rows = [
            {**photo, "PARENT_KEY": instance(number), "KEY": f"{instance(number)}/photos[{place}]"}
            for place, photo in enumerate(photos, start=1)
        ]
        if rows:
            archive.writestr("riverline-incident-report-photos.csv", table(rows))
        for photo in photos:
            archive.writestr(f"media/{photo['photo']}", b"\xff\xd8\xff\xe0 not a real picture")
    return held.getvalue()

"""The pad's "Save a copy": what a phone could not send, taken in as if the phone had sent it at last.

The file holds the phone's own name and clock samples and the items themselves, so they get the ids, numbers and
corrected times that they would have had: the phone may still send them later, and nothing comes twice. Each stays its
own observer's. That somebody else brings it is for an admin to answer for: whoever has left, or lost the role, cannot
send any more, and what was observed is not lost for that.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.append import append
from app.capture.clock import Sample
from app.capture.envelope import PROTOCOL, read_head
from app.capture.intake import Batch
from app.capture.items import Item, read_item
from app.capture.models import ObservationSession
from app.clinics.models import Clinic
from app.db import Database
from app.errors import BadRequest, Forbidden
from app.exchange.lines import Upload
from app.exchange.owner import caller_for, owner_of
from app.i18n import _, ngettext
from app.people.access import Caller
from app.people.models import Role

AT_ONCE = 200  # items in one batch, as on the wire (CONTRACT.md, Outbox)
NOTHING_LOST = ("stored", "duplicate", "quarantined", "gone")


@dataclass(frozen=True, slots=True)
class Copy:
    """One file: the phone it is of, what it knew of its clock, and its items by whose they are, in order."""

    name: str
    device: str
    samples: Sequence[Sample]
    items: Mapping[str, Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Custody:
    """Who brings the copies: `by` (None: a command, which may do what an admin may), and whom items are given to whose
    own person this database does not know."""

    by: Caller | None
    instead: str | None = None


def read_copies(uploads: Sequence[Upload], now: int) -> list[Copy]:
    """The copies among the files; none if they are tables. Raises BadRequest for some of each, and for broken ones."""
    copies = [upload for upload in uploads if upload.data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"]
    if copies and len(copies) < len(uploads):
        sentence = _("Import the copies that phones have saved (.json) apart from other files.")
        raise BadRequest(sentence, code="mixed_files")
    return [_read(upload, now) for upload in copies]


def _read(upload: Upload, now: int) -> Copy:
    try:
        sent = json.loads(upload.data)
        rows = sent["rows"]
        by_person: dict[str, list[Item]] = {}
        for row in rows:
            by_person.setdefault(str(row["person"]), []).append(read_item(row["body"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = _("“{file}” is not a copy that a phone's pad has saved, or not a whole one.")
        raise BadRequest(sentence.format(file=upload.name), code="no_copy") from None
    if sent.get("proto") != PROTOCOL:
        sentence = _("“{file}” was saved by another version of the pad, which this server does not understand.")
        raise BadRequest(sentence.format(file=upload.name), code="protocol")
    device, samples = read_head(sent, now)
    return Copy(upload.name, device, samples, by_person)


def take_in(
    database: Database, clinic: Clinic, copies: Iterable[Copy], custody: Custody, now: int, *, dry_run: bool
) -> dict[str, Any]:
    """What became of the items, or would (`dry_run`): the same is done either way, and then undone. Raises Forbidden
    for somebody else's items without an admin, BadRequest where nobody here can own them."""
    told: dict[str, Any] = {}
    try:
        with database.write() as session:
            told = _append(session, clinic, copies, custody, now)
            if dry_run:
                raise _OnlyLooked
            by = custody.by.id if custody.by else None
            about = {"items": told["items"], "stored": told["stored"], "copies": len(told["files"])}
            record(session, at=now, action=Action.IMPORTED, person_id=by, clinic_id=clinic.id, about=about)
    except _OnlyLooked:
        pass
    return {"dry_run": dry_run, "written": not dry_run, **told}


class _OnlyLooked(Exception):
    """Undoes what a preview has done."""


def _append(session: Session, clinic: Clinic, copies: Iterable[Copy], custody: Custody, now: int) -> dict[str, Any]:
    counted: Counter[str] = Counter(dict.fromkeys((*NOTHING_LOST, "elsewhere", "items"), 0))
    refused: list[dict[str, Any]] = []
    files: list[str] = []
    sessions: set[str] = set()
    for copy in copies:
        files.append(copy.name)
        for person, items in copy.items.items():
            author = _author(session, clinic, person, custody)
            here = _of_clinic(session, clinic, items)
            counted["items"] += len(items)
            counted["elsewhere"] += len(items) - len(here)
            for first in range(0, len(here), AT_ONCE):
                part = here[first : first + AT_ONCE]
                answer = append(session, author, Batch(copy.device, part, copy.samples), now)
                counted.update(result["status"] for result in answer["results"])
                refused += [result for result in answer["results"] if result["status"] == "quarantined"]
                sessions.update(str(one["session"]) for one in answer["sessions"])
    return {"files": files, **counted, "refused": refused, "sessions": sorted(sessions)}


def _author(session: Session, clinic: Clinic, person: str, custody: Custody) -> Caller:
    """Whose the items are, as one who may observe here: by the own role, or because an admin answers for it."""
    by = custody.by
    if by is not None and person == by.id:
        return by
    if by is not None and not by.may(clinic.id, Role.ADMIN):
        sentence = _("These taps are somebody else's: only an admin may import them for that person.")
        raise Forbidden(sentence, clinic_id=clinic.id)
    found = caller_for(session, person)
    if found is None:
        if custody.instead is None:
            sentence = _("Whoever tapped this has no account here: say whose it is to be (as).")
            raise BadRequest(sentence, code="bad_owner")
        return owner_of(session, clinic, custody.instead)
    return replace(found, roles={clinic.id: Role.OBSERVER})


def _of_clinic(session: Session, clinic: Clinic, items: Sequence[Item]) -> list[Item]:
    """Those of this clinic. A phone may have been in several; the copy is imported in each."""
    named = {item.id: item.fields.get("clinic") for item in items if item.type == "session" and item.id}
    others = {str(item.fields.get("session")).lower() for item in items if item.type == "event"} - named.keys()
    held = select(ObservationSession.id).where(
        ObservationSession.id.in_(sorted(others)), ObservationSession.clinic_id != clinic.id
    )
    foreign = {id for id, slug in named.items() if slug != clinic.slug} | set(session.execute(held).scalars())

    def is_here(item: Item) -> bool:
        if item.type == "event":
            return str(item.fields.get("session")).lower() not in foreign
        if item.type == "session" and item.fields.get("amends") is not None:
            return str(item.fields["amends"]).lower() not in foreign
        return item.fields.get("clinic") == clinic.slug

    return [item for item in items if is_here(item)]


def sentences(told: Mapping[str, Any]) -> list[str]:
    """What became of the copies, for people."""
    n = told["items"]
    taps = ngettext("{n} item", "{n} items", n).format(n=n)
    done = _("{taps} in the copy: {stored} taken in, {duplicate} there already.")
    would = _("{taps} in the copy: {stored} would be taken in, {duplicate} are there already. Nothing was written.")
    said = [(done if told["written"] else would).format(taps=taps, **{k: told[k] for k in ("stored", "duplicate")})]
    if told["gone"]:
        said.append(_("Of a session that was erased, and stays so: {n}.").format(n=told["gone"]))
    if told["elsewhere"]:
        said.append(_("Of another clinic, to be imported there: {n}.").format(n=told["elsewhere"]))
    if told["refused"]:
        said.append(_("Kept aside, to be repaired or dismissed: {n}.").format(n=len(told["refused"])))
    return said

"""Versions of decision tables on their way into force: checked, dated, stored. For the deploy door and for approvals.

An end is the next start, so two versions of one table never leave a day between them or share one; what could break
that is refused here: a day given twice, versions looked up by different dates, an end stated in the file
(`thidua:validUntil`) that is not the next start.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import dmn
from engine.db import fact_hash, table_of
from engine.deployment import TableFile
from engine.errors import DeploymentError
from engine.ids import Ids
from engine.models import TableVersion
from engine.tables import forget_versions

LOOKED_UP_BY = frozenset({"filed_on", "opened_on", "decided_on", "on"})
"""The dates that may choose a table's version: `thidua:lookedUpBy` of its file; `on` is the day asked about."""
VALID_UNTIL = "validUntil"
"""Root attribute by which a file may state the day it no longer holds."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that was stored: its row's id, and the fact history knows it by."""

    id: UUID
    file: TableFile
    fact: tuple[str, str]


def findings_of(file: TableFile, functions: Collection[str]) -> list[dmn.Finding]:
    """Return all that is wrong with a table's file; what has the severity `error` must not come into force."""
    try:
        model = dmn.load(file.xml, functions=tuple(functions), strict=False)
        found = model.findings()
    except Exception as fault:  # any fault of an outside file is a finding, whatever the reader raised
        return [dmn.file_finding(file.table, fault)]
    if file.table not in model.decisions:
        found.append(dmn.Finding(file.table, "table", f"the file holds no decision {file.table!r}"))
    if model.looked_up_by not in LOOKED_UP_BY:
        message = f"the date it is looked up by is none of {', '.join(sorted(LOOKED_UP_BY))}"
        found.append(
            dmn.Finding(file.table, "looked_up_by", message, code="looked_up_by", details={"by": model.looked_up_by})
        )
    return found


def refusals_of(files: Iterable[TableFile], functions: Collection[str]) -> list[dict[str, Any]]:
    """Return the findings of files that forbid their deployment, as a refusal lists them."""
    return [
        as_refused(file, found) for file in files for found in findings_of(file, functions) if found.severity == "error"
    ]


def as_refused(file: TableFile, found: dmn.Finding) -> dict[str, Any]:
    """Return one finding as `DeploymentError` lists it: place, rule, English text, and what its sentence names."""
    return {
        "process_key": f"{file.table}/{file.valid_from}", "element_id": "", "rule": found.rule,
        "message": found.message, "table": found.table, "row": found.row, "column": found.column,
        "other_row": found.other_row, "code": found.problem, "details": found.details,
    }  # fmt: skip


def _fault(file: TableFile, rule: str, message: str, code: str = "", **days: date | str | None) -> dmn.Finding:
    days |= {"version": file.valid_from}
    details = {name: day.isoformat() if isinstance(day, date) else day for name, day in days.items()}
    return dmn.Finding(file.table, rule, message, code=code, details=details)


def add_table_versions(
    session: Session, files: Sequence[TableFile], *, ids: Ids, now: datetime, actor_id: str
) -> list[NewVersion]:
    """Store the files that are new; what is in force already adds nothing. The caller writes the facts into an event.

    Raises:
        DeploymentError: a version in force would change, or the days of a table would leave a gap or overlap.

    """
    known = _stored(session, {file.table for file in files})
    new: list[TableFile] = []
    refused: list[dict[str, Any]] = []
    for file in files:
        stored = known.get((file.table, file.valid_from))
        if stored is None:
            new.append(file)
        elif stored != file.sha256:
            message = "this version is in force and cannot change; give the change a later date"
            refused.append(as_refused(file, _fault(file, "table_changed", message, on=file.valid_from)))
    refused += _date_faults(session, new)
    if refused:
        raise DeploymentError(f"{refused[0]['process_key']}: {refused[0]['message']}", findings=refused)
    rows: list[dict[str, Any]] = [
        {"id": ids.new(), "table_key": file.table, "valid_from": file.valid_from, "sha256": file.sha256,
         "xml": file.xml, "deployed_at": now, "deployed_by": actor_id}
        for file in new
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(table_of(TableVersion)), rows)
        forget_versions(session)
    return [
        NewVersion(row["id"], file, (f"table_version:{row['id']}", fact_hash(TableVersion(**row))))
        for row, file in zip(rows, new, strict=True)
    ]


def _stored(session: Session, keys: Collection[str]) -> dict[tuple[str, date], str]:
    query = select(TableVersion.table_key, TableVersion.valid_from, TableVersion.sha256)
    rows = session.execute(query.where(TableVersion.table_key.in_(keys)))
    return {(key, valid_from): sha256 for key, valid_from, sha256 in rows}


def _date_faults(session: Session, new: Sequence[TableFile]) -> list[dict[str, Any]]:
    keys = dict.fromkeys(file.table for file in new)
    faults = (date_faults(_beside(session, key, [file for file in new if file.table == key])) for key in keys)
    return [as_refused(file, fault) for found in faults for file, fault in found]


def day_findings(session: Session, file: TableFile) -> list[dmn.Finding]:
    """Return what would be wrong between a sound file and the versions of its table, were it to come into force."""
    return [fault for _, fault in date_faults(_beside(session, file.table, [file]))]


def _beside(session: Session, key: str, new: Sequence[TableFile]) -> list[TableFile]:
    query = select(TableVersion.valid_from, TableVersion.xml).where(TableVersion.table_key == key)
    known = [TableFile(key, valid_from, xml) for valid_from, xml in session.execute(query)]
    given = {(file.valid_from, file.sha256) for file in new}
    return [*(file for file in known if (file.valid_from, file.sha256) not in given), *new]


def date_faults(files: Sequence[TableFile]) -> Iterator[tuple[TableFile, dmn.Finding]]:
    """Yield what is wrong between the versions of one table: the file, and the finding that says what to do."""
    ordered = sorted(files, key=lambda file: file.valid_from)
    said = [dmn.root_attributes(file.xml) for file in ordered]
    for place, (file, attributes) in enumerate(zip(ordered, said, strict=True)):
        following = ordered[place + 1].valid_from if place + 1 < len(ordered) else None
        if following == file.valid_from:
            message = f"two versions begin on {following}; give one of them another day"
            yield file, _fault(file, "date_overlap", message, "same_day", following=following)
        if fault := _end_fault(file, attributes, following):
            yield file, fault
        before, by = (said[at].get(dmn.LOOKED_UP_BY, "") for at in (max(place - 1, 0), place))
        if before != by:
            message = (
                f"it is looked up by {by or 'no date'}, the version before by {before or 'no date'}: "
                "a case between two dates would fall under both or neither"
            )
            yield file, _fault(file, "looked_up_by", message, "looked_up_otherwise", by=by, before=before)


def _end_fault(file: TableFile, attributes: Mapping[str, str], following: date | None) -> dmn.Finding | None:
    """Return why the end a file states does not meet the next start."""
    stated = attributes.get(VALID_UNTIL)
    if stated is None:
        return None
    try:
        until = date.fromisoformat(stated)
    except ValueError:
        return _fault(file, "valid_until", f"{VALID_UNTIL} is no date: {stated!r}", value=stated)
    if following is None or until < following:
        said = "no version begins" if following is None else f"the next version begins on {following}"
        message = f"it ends on {until}, but {said}: none would hold from {until} on; add one or drop the end"
        code = "end_without_next" if following is None else "end_too_early"
        return _fault(file, "date_gap", message, code, until=until, following=following)
    if until > following:
        message = f"it ends on {until}, but the next version begins on {following}; correct the end"
        return _fault(file, "date_overlap", message, "end_too_late", until=until, following=following)
    return None

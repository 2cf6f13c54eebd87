"""One person's record: everything held, what ended too, by the day it began."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.db import reading
from tests.office import Office
from tests.offices import copied_office
from tests.support.templates import Templates
from workflows.organisation.register import PersonRecord, record_of


@pytest.fixture
def staffed(templates: Templates, database_kind: str, tmp_path: Path) -> Iterator[Office]:
    """The office with its people."""
    with copied_office(templates, database_kind, tmp_path / "office") as office:
        yield office


def test_a_record_holds_posts_and_roles_and_their_ends(staffed: Office) -> None:
    with reading(staffed.engine.sessions) as session:
        before = record_of(session, staffed.people["secretary"])
    assert [line.words for line in before.posts] == ["Trưởng phòng"]
    assert {line.key for line in before.roles} == {"personnel_officer", "council_secretary", "council_member"}
    role = next(line for line in before.roles if line.key == "council_secretary")
    staffed.act("admin", "organisation.end_role", grant_id=role.id, valid_to=staffed.today.isoformat())
    with reading(staffed.engine.sessions) as session:
        after = next(line for line in record_of(session, staffed.people["secretary"]).roles if line.id == role.id)
    assert after.valid_to == staffed.today
    assert after.holds_on(staffed.today)
    assert not after.holds_on(date(2099, 1, 1))


def test_family_is_told_from_both_sides(staffed: Office) -> None:
    staffed.act("admin", "organisation.declare_relation", person_id=staffed.people["nominee"],
               relative_id=staffed.people["member"], kind="SIBLING")  # fmt: skip
    with reading(staffed.engine.sessions) as session:
        one, other = (record_of(session, staffed.people[who]) for who in ("nominee", "member"))
    assert [(line.words, line.incoming) for line in one.relations] == [("Bế Văn Minh", False)]
    assert [(line.words, line.incoming) for line in other.relations] == [("Nông Thị Hoa", True)]


def test_an_unknown_person_has_an_empty_record(staffed: Office) -> None:
    with reading(staffed.engine.sessions) as session:
        found = record_of(session, "nobody")
    assert found == PersonRecord((), (), (), ())

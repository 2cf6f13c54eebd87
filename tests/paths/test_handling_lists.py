"""Lists of operators, page by page, on either database: each case once, whatever the size of the page."""

from collections.abc import Callable
from typing import Any

import pytest

from engine import queries
from engine.commands.instances import cancel_instance
from engine.commands.interventions import propose_migration, propose_repair, reject_request
from engine.commands.suspension import suspend_instance
from engine.errors import ImpossibleRepairError, InvalidInputError, MigrationRefusedError, NotFoundError
from engine.intervention_views import Page, RepairPlan
from tests.office import Case, Office
from tests.paths import stories
from tests.support.incidents import papers_that_failed
from tests.support.redrawn import know_legal_check, redraw, with_legal_check

WHY = "Rà soát cuối quý."


def walked(look: Callable[..., Page[Any]], *given: Any, **more: Any) -> list[Any]:
    """A list walked by pages of two, after asserting that one large page says the same."""
    found: list[Any] = []
    page = look(*given, **more, limit=2)
    found += page.items
    while page.next_cursor is not None:
        page = look(*given, **more, limit=2, cursor=page.next_cursor)
        found += page.items
    assert tuple(found) == look(*given, **more).items
    return found


@pytest.fixture
def cases(office: Office) -> list[Case]:
    """Five dossiers, of which one rests and one is over."""
    names = ("Nông Thị Ánh", "Hoàng Thị Biên", "Vi Văn Chiến", "Lý Thị Dung", "Hà Văn Giáp")
    for number, name in enumerate(names):
        office.person_arrives(f"n{number}", name, "bacson", "Chấp hành viên")
    found = [stories.filed(office, nominee=f"n{number}") for number in range(len(names))]
    suspend_instance(office.engine, found[3].id, office.actor("admin"), WHY)
    cancel_instance(office.engine, found[4].id, office.actor("admin"), WHY)
    return found


def test_cases_verdicts_proposals_and_incidents(office: Office, cases: list[Case]) -> None:
    engine, admin = office.engine, office.actor("admin")
    running = walked(queries.search_open_cases, engine, "running", process_key="nomination")
    assert [one.id for one in running] == sorted(case.id for case in cases[:3])
    assert [one.id for one in walked(queries.search_open_cases, engine, "suspended")] == [cases[3].id]
    know_legal_check(office)
    version = redraw(office, "nomination", with_legal_check)
    verdicts = walked(queries.search_verdicts, office.engine, "nomination", 1, version)
    assert [one.instance_id for one in verdicts] == sorted(case.id for case in cases[:4])
    assert set(verdicts) == set(queries.migration_verdicts(office.engine, "nomination", 1, version))
    chosen = (cases[0].id, cases[4].id)
    assert [one.instance_id for one in walked(
        queries.search_verdicts, office.engine, "nomination", 1, version, chosen=chosen
    )] == [cases[0].id]  # fmt: skip
    plan = RepairPlan(variables={"round_key": "2022-SK"})
    asked = [propose_repair(engine, cases[number].id, admin, plan, WHY) for number in (0, 0, 1)]
    asked.append(propose_migration(office.engine, "nomination", admin, WHY, before=1, after=version))
    rejected = reject_request(office.engine, asked[1].request_id, office.actor("admin2"), WHY)
    everything = walked(queries.search_requests, engine)
    assert {one.request_id for one in everything} == {one.request_id for one in asked}
    assert rejected in everything
    assert walked(queries.search_requests, engine, state="rejected") == [rejected]
    assert len(walked(queries.search_requests, engine, state="proposed")) == 3
    assert len(walked(queries.search_requests, engine, instance_id=cases[0].id)) == 2
    jobs = papers_that_failed(office, 5)
    (cause,) = {one.cause for one in queries.list_incidents(engine)}
    assert {one.job_id for one in walked(queries.search_incidents, engine, cause=cause)} == set(jobs)
    assert len(walked(queries.search_incidents, engine)) == 5


def test_what_is_not_there_is_refused_in_words(office: Office, cases: list[Case]) -> None:
    engine, admin = office.engine, office.actor("admin")
    looks: tuple[Callable[..., Page[Any]], ...] = (queries.search_requests, queries.search_incidents)
    for look in looks:
        with pytest.raises(InvalidInputError):
            look(engine, cursor="nothing")
    for version in (0, -1, 2, 2**31, 10**30):
        with pytest.raises(NotFoundError):
            queries.search_verdicts(engine, "nomination", 1, version)
        with pytest.raises(NotFoundError):
            propose_migration(engine, "nomination", admin, WHY, before=version, after=1)
    with pytest.raises(InvalidInputError) as same:
        propose_migration(engine, "nomination", admin, WHY, before=1, after=1)
    assert same.value.details["fields"] == {"after": ["same_version"]}
    know_legal_check(office)
    version = redraw(office, "nomination", with_legal_check)
    chosen = (cases[0].id, cases[4].id)
    with pytest.raises(MigrationRefusedError) as refused:
        propose_migration(office.engine, "nomination", admin, WHY, before=1, after=version, instances=chosen)
    assert refused.value.details["count"] == 1, "the one that is over"
    with pytest.raises(ImpossibleRepairError):
        propose_repair(engine, cases[0].id, admin, RepairPlan(variables={"ballot_round": 2**63}), WHY)

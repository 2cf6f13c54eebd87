"""That a nominee is under verification, or served a discipline, is told to those who weigh it and to nobody else."""

import pytest

from tests.office import Case
from tests.web.api import Caller
from tests.web.shell import PASSWORD, Shell, checked, filed
from workflows.labels import label

TELLING = ("open_flags", "discipline_in_period")


@pytest.fixture
def case(shell: Shell) -> Case:
    """A nomination found ineligible because of a denunciation and a discipline, and for its quantity."""
    office, whom = shell.office, {"nominee_kind": "INDIVIDUAL", "nominee_id": shell.office.people["nominee2"]}
    office.act("officer", "nominations.raise_flag", kind="DENUNCIATION", raised_on="2025-04-01", text="Đơn.", **whom)
    office.act("officer", "nominations.raise_flag", kind="DISCIPLINED", raised_on="2023-01-01", closed_on="2024-01-01",
               text="Khiển trách.", **whom)  # fmt: skip
    found = filed(office, "nominee2")
    checked(found)
    return found


def told(shell: Shell, case: Case, who: str) -> tuple[set[str], set[str]]:
    """What the case's page and the record of its API tell somebody: words of flags, and rows of the table."""
    page = shell.browser(who).get(f"/nominations/{case.nomination_id}").text
    caller = Caller(shell.app.test_client())
    token = caller.post("/api/v1/auth/token", {"username": who, "password": PASSWORD}).get_json()
    caller.token = token["access_token"]
    events = caller.get(f"/api/v1/nominations/{case.nomination_id}/history?limit=200").get_json()["items"]
    rows = {row for event in events if event["data"].get("table") == "eligibility" for row in
            event["data"].get("rules", ())}  # fmt: skip
    asked = [label(f"inputs.{name}") for name in ("blocking_flags", "discipline_after_from")]
    words = [*(label(f"enums.code.{code}") for code in TELLING), *asked]
    return {word for word in words if word in page}, rows


@pytest.mark.parametrize("who", ["nominee2", "head", "member", "office", "records"])
def test_who_may_not_know_reads_nothing_of_it(shell: Shell, case: Case, who: str) -> None:
    assert told(shell, case, who) == (set(), set())


@pytest.mark.parametrize("who", ["officer", "director", "auditor"])
def test_who_weighs_it_reads_all(shell: Shell, case: Case, who: str) -> None:
    words, rows = told(shell, case, who)
    assert (len(words), rows) == (4, {"C04", "C05"})

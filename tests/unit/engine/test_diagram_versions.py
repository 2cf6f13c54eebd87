"""Versions of diagrams: what an approval brings into force stays, whatever the folder says that it was changed from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import queries
from engine.commands.deployments import deploy
from engine.context import SYSTEM
from engine.db import reading, unit_of_work
from engine.deployment import Sources
from engine.diagram_versions import add_process_versions, diagrams_in_force, is_unchanged, process_key_of, with_change
from engine.errors import DeploymentError
from tests.support.diagrams import Diagram, straight
from tests.support.small_engine import SmallEngine, small_engine, user


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    made = small_engine(database_url, tmp_path / "bpmn", user("room.first"), user("room.second"))
    made.deploy(calling(), straight("first", key="called"))
    yield made
    made.engine.sessions.kw["bind"].dispose()


def calling() -> Diagram:
    return Diagram("caller").start().call("call", "called").end().path("start", "call", "end")


def approve(small: SmallEngine, xml: bytes, case: str = "SĐ-1") -> list[str]:
    """Bring a diagram into force as an approved case does; return the versions added."""
    with unit_of_work(small.engine.sessions) as session:
        added = add_process_versions(
            session, Sources.of(with_change(session, xml)), ids=small.engine.ids, now=small.engine.clock.now(),
            actor_id="binh", approved_by=case,
        )  # fmt: skip
        return [f"{view.key}/{view.version}" for view in added.views]


def in_force(small: SmallEngine) -> dict[str, bytes]:
    with reading(small.engine.sessions) as session:
        return diagrams_in_force(session)


def test_a_changed_diagram_makes_a_version_of_itself_and_of_all_that_call_it(small: SmallEngine) -> None:
    changed = straight("first", "second", key="called").xml()
    assert sorted(approve(small, changed)) == ["called/2", "caller/2"]
    assert in_force(small)["called"] == changed
    assert approve(small, changed) == [], "what is in force adds nothing"


def test_deploying_the_old_folder_does_not_take_an_approved_change_back(small: SmallEngine) -> None:
    changed = straight("first", "second", key="called").xml()
    approve(small, changed)
    assert deploy(small.engine, small.folder, SYSTEM) == []
    assert in_force(small)["called"] == changed
    newer = straight("second", "first", key="called")
    small.deploy(newer)
    assert in_force(small)["called"] == newer.xml(), "what is new in the folder comes into force"


def test_a_folder_may_go_back_to_what_a_folder_brought(small: SmallEngine) -> None:
    first = in_force(small)["called"]
    small.deploy(straight("second", key="called"))
    small.deploy(straight("first", key="called"))
    assert in_force(small)["called"] == first
    assert max(view.version for view in queries.list_deployments(small.engine) if view.key == "called") == 3


def test_how_a_file_is_written_is_no_change(small: SmallEngine) -> None:
    xml = in_force(small)["called"]
    with reading(small.engine.sessions) as session:
        assert is_unchanged(session, xml.replace(b"><", b">\n  <"))
        assert not is_unchanged(session, straight("second", key="called").xml())
        assert not is_unchanged(session, straight("first", key="other").xml())


@pytest.mark.parametrize("content", [b"", b"<a", b"<a/>", "sơ đồ".encode(), b"<?xml version='1.0'?><bpmn/>"])
def test_what_is_no_diagram_is_refused_by_a_finding(content: bytes) -> None:
    with pytest.raises(DeploymentError) as refused:
        process_key_of(content)
    assert refused.value.details["findings"][0]["rule"] in {"not_xml", "one_process_per_file"}

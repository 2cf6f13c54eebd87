"""The baseline every figure stands beside: "whole workflow with specs as JSON in one row", by the stock library.

The same diagrams, turned into what the stock library can run (Python conditions, scripts in place of services and
tables), the same path of the same case from the proposal to the ballots of its council, the same database with the same
durability, and a form check at each step. Nothing else: no history, no task rows, no separation of duties, no secret
box, so the comparison flatters the baseline.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from engine.db import open_database

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
SCRIPTS = {
    "open_line": "voters = members; voter_count = len(members); ballot_round = 1",
    "open_ballot_round": "ballot_round = 2",
    "vote_outcome": "vote_outcome = 'passed'",
    "eligibility": "eligibility = 'clear'",
    "policy": "fallback = True",
}


def for_stock(path: Path) -> bytes:
    """Return one of our diagrams as the stock library can run it."""
    root = etree.fromstring(path.read_bytes())
    for node in root.iter(f"{BPMN}conditionExpression"):
        node.text = re.sub(r"(?<![<>=!])=(?!=)", "==", node.text).replace("true", "True").replace("null", "None")
    for kind in ("serviceTask", "businessRuleTask"):
        for node in list(root.iter(f"{BPMN}{kind}")):
            node.tag = f"{BPMN}scriptTask"
            for extension in node.findall(f"{BPMN}extensionElements"):
                node.remove(extension)
            etree.SubElement(node, f"{BPMN}script").text = SCRIPTS.get(node.get("id"), "pass")
    for node in root.iter(f"{BPMN}timerEventDefinition"):
        for child in list(node):
            node.remove(child)
        waits = "P3650D" if "deadline" in node.get("id") else "PT0S"
        etree.SubElement(node, f"{BPMN}timeDuration").text = f'"{waits}"'
    return bytes(etree.tostring(root))


TO_THE_BALLOTS: tuple[Mapping[str, Any], ...] = (
    {"proposed_form": "GIAY_KHEN"}, {"completeness": "accepted"}, {"intake_outcome": "accepted"}, {},
    {"feedback_outcome": "clear"}, {"session_opens_at": None},
)  # fmt: skip
"""What the steps of a nomination set on the straight path: proposal, check, appraisal, feedback twice, agenda."""


class Naive:
    """The naive engine over one table with one row per case, all of one process."""

    def __init__(self, database_url: str, folder: Path, process_key: str = "nomination") -> None:
        parser = SpiffBpmnParser()
        for path in sorted(folder.glob("*.bpmn")):
            parser.add_bpmn_str(for_stock(path))
        self.spec = parser.get_spec(process_key)
        self.subs = parser.get_subprocess_specs(process_key)
        self.database, _ = open_database(database_url)
        self.table = sa.Table(
            "naive", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.Text)
        )
        self.table.create(self.database, checkfirst=True)

    def start_vote(self, members: Sequence[str]) -> int:
        """Start a nomination and run it to the ballots."""
        return self.start({"members": list(members)}, *TO_THE_BALLOTS)

    def start(self, data: Mapping[str, Any], *steps: Mapping[str, Any]) -> int:
        """Start a case and complete its first steps."""
        workflow = BpmnWorkflow(self.spec, self.subs)
        workflow.task_tree.data.update(data)
        self._settle(workflow)
        for values in steps:
            self._complete(workflow, values)
        with self.database.begin() as connection:
            insert = self.table.insert().returning(self.table.c.id)
            return int(connection.execute(insert, {"body": SERIALIZER.serialize_json(workflow)}).scalar_one())

    def complete(self, case: int, form: Callable[[Mapping[str, Any]], None], values: Mapping[str, Any]) -> int:
        """Check the form, load the whole case, complete one ready task, write the whole case; return its bytes."""
        form(values)
        with self.database.begin() as connection:
            body = connection.execute(sa.select(self.table.c.body).where(self.table.c.id == case)).scalar_one()
            workflow = SERIALIZER.deserialize_json(body)
            self._complete(workflow, values)
            body = SERIALIZER.serialize_json(workflow)
            connection.execute(self.table.update().where(self.table.c.id == case).values(body=body))
        return len(body.encode())

    def _complete(self, workflow: Any, values: Mapping[str, Any]) -> None:
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
        task.data.update(values)
        task.run()
        self._settle(workflow)

    @staticmethod
    def _settle(workflow: Any) -> None:
        workflow.do_engine_steps()
        workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()

    def close(self) -> None:
        """Leave the database."""
        self.database.dispose()

"""Every word a page asks for exists, in both languages."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from engine import history
from engine.chain import EventKind
from engine.models import RepairKind, RepairState
from webapp.i18n import LANGUAGES, catalogue
from webapp.ui.dossier import SENSITIVE
from webapp.ui.repair_values import CHOSEN, FREE
from webapp.ui.words import SHELL_EVENTS
from workflows import labels
from workflows.council.models import BallotChoice, BallotMode, Manner, NoQuorumResolution, Seat
from workflows.decisions.models import DirectorChoice
from workflows.documents.models import DocumentKind, SigningCapacity
from workflows.feedback.models import CommentKind, Finding
from workflows.nominations.models import AwardForm, FlagKind, ItemStatus, NomineeKind, NoteKind
from workflows.organisation.models import RelationKind, UnitKind
from workflows.referrals.models import AnswerKind, Dispatch
from workflows.registry import load_roles
from workflows.variables import KINDS

WEBAPP = Path(__file__).resolve().parents[2] / "webapp"
TEMPLATES = sorted((WEBAPP / "templates").rglob("*.html"))
MODULES = [path for path in sorted(WEBAPP.rglob("*.py")) if "node_modules" not in path.parts]
IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""")
STARTS_IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([\w.]+[._])["']\s*~""")
LABEL = re.compile(r"""\blabel\(\s*["']([\w.]+)["'],\s*["']([\w.]+)["']\s*\)""")


def asked_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def asked_in_templates(pattern: re.Pattern[str]) -> set[str]:
    return {found for path in TEMPLATES for found in pattern.findall(path.read_text(encoding="utf-8"))}


def test_both_catalogues_say_the_same_things() -> None:
    vietnamese, english = (catalogue(language) for language in LANGUAGES)
    assert vietnamese.keys() == english.keys()
    places = {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in vietnamese.items()}
    assert places == {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in english.items()}
    assert not [key for key, text in {**english, **vietnamese}.items() if not text.strip()]


def test_every_key_asked_for_exists() -> None:
    asked = asked_in_templates(IN_TEMPLATE) | {key for path in MODULES for key in asked_in_python(path)}
    assert len(asked) > 300, "the search finds the keys"
    assert sorted(asked - catalogue("vi").keys()) == []


def test_every_beginning_of_a_key_has_words() -> None:
    known = catalogue("vi")
    starts = asked_in_templates(STARTS_IN_TEMPLATE)
    assert {"case.state_", "council.state_", "audit.finding_"} <= starts
    assert [start for start in sorted(starts) if not any(key.startswith(start) for key in known)] == []


@pytest.mark.parametrize(
    ("start", "values"),
    [
        ("audit.finding_", set(re.findall(r"`(\w+)`", history.Finding.__doc__ or "")) - {"system"} | {"box_altered"}),
        ("case.state_", {"done", "active", "waiting", "cancelled", "skipped", "none"}),
        ("council.state_", {"open", "voted", "recused", "closed"}),
        ("council.member_", {"voted", "waiting", "not_voted", "recused", "present", "absent", "unknown"}),
        ("dossier.note_", {"CHECK", *(kind.value for kind in NoteKind)}),
        ("hidden.", set(SENSITIVE) | {"secret_counts"}),
        ("hidden.class_", set(SENSITIVE)),
        ("rules.by_", {"filed_on", "opened_on", "decided_on", "on"}),
        ("task.status_", {"open", "completed", "cancelled"}),
        ("queue.empty_", {"mine", "group", "done"}),
        ("queue.group_", {"over", "today", "week", "later", "none"}),
        ("errors.title_", {"400", "401", "403", "404", "409", "422", "429", "500"}),
        ("admin.account_", {"disabled", "enabled"}),
        ("operations.state_", {state.value for state in RepairState}),
        ("operations.request_", {kind.value for kind in RepairKind}),
        ("operations.kind_", set(FREE)),
        ("repair.hint_", {*KINDS, "id"} - CHOSEN | {"yes_no"}),
        ("operations.done_", {"suspend", "resume", "cancel", "approve", "reject"}),
    ],
)
def test_every_end_of_a_key_exists(start: str, values: set[str]) -> None:
    assert sorted(value for value in values if start + value not in catalogue("vi")) == []


ENUMS: dict[str, type[StrEnum]] = {
    "award_form": AwardForm, "nominee_kind": NomineeKind, "document_kind": DocumentKind, "item_status": ItemStatus,
    "flag_kind": FlagKind, "comment_kind": CommentKind, "verification": Finding, "ballot_choice": BallotChoice,
    "ballot_mode": BallotMode, "manner": Manner, "seat": Seat, "no_quorum_resolution": NoQuorumResolution,
    "director_decision": DirectorChoice, "signing_capacity": SigningCapacity, "relation_kind": RelationKind,
    "unit_kind": UnitKind, "dispatch": Dispatch, "minister_answer": AnswerKind,
}  # fmt: skip


@pytest.mark.parametrize("name", ENUMS)
def test_every_value_a_page_shows_has_a_label(name: str) -> None:
    assert labels.missing(f"enums.{name}.{value.value}" for value in ENUMS[name]) == []


def test_every_label_named_in_a_template_exists() -> None:
    said = (LABEL.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES)
    found = {f"{section}.{key}" for pairs in said for section, key in pairs}
    assert "tables.vote_outcome" in found
    assert labels.missing(found) == []


def test_roles_and_events_have_labels() -> None:
    assert labels.missing(f"roles.{role.key}" for role in load_roles()) == []
    assert labels.missing(f"events.{kind}" for kind in (*(kind.value for kind in EventKind), *SHELL_EVENTS)) == []


def test_no_page_carries_inline_style_or_script() -> None:
    inline = re.compile(r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son(?:click|change|input|submit|load|key\w+)=""")
    assert [path.name for path in TEMPLATES if inline.search(path.read_text(encoding="utf-8"))] == []

"""Notes on a case: each for a circle of readers by the table `visibility`; a correction adds a version."""

import pytest

from engine import history
from engine.db import reading
from engine.errors import ForbiddenError, InvalidInputError
from tests.office import Case, Office
from tests.paths import stories
from tests.support.traces import places_of, rows
from workflows.errors import NotYourNoteError
from workflows.notes.queries import NoteView, notes_seen_by

TEXTS = {"UNIT": "Chỉ nói trong phòng.", "HANDLERS": "Chờ số liệu năm 2024.", "READERS": "Đã nhận đủ bản giấy."}


@pytest.fixture
def case(office: Office) -> Case:
    """A filed nomination with one note for each circle, by the officer."""
    found = stories.filed(office)
    for audience, text in TEXTS.items():
        found.say("officer", "notes.write_note", audience=audience, text=text)
        office.wait(hours=0.01)
    return found


def seen(case: Case, who: str, **more: frozenset[str]) -> list[NoteView]:
    office = case.office
    with reading(office.engine.sessions) as session:
        return notes_seen_by(session, case.key, office.actor(who), office.today, **more)


@pytest.mark.parametrize(
    ("who", "circles"),
    [
        ("officer", ["UNIT", "HANDLERS", "READERS"]), ("secretary", ["UNIT", "HANDLERS", "READERS"]),
        ("office", ["HANDLERS", "READERS"]), ("director", ["HANDLERS", "READERS"]), ("head", ["READERS"]),
        ("member", ["READERS"]), ("auditor", ["READERS"]),
    ],
)  # fmt: skip
def test_each_circle_reads_its_own(case: Case, who: str, circles: list[str]) -> None:
    found = seen(case, who)
    assert [note.audience for note in found if note.text is not None] == circles
    assert [note.text for note in found if note.text] == [TEXTS[audience] for audience in circles]
    assert len(found) == 3, "what is hidden is known to be there"


def test_an_auditor_reads_by_a_reasoned_request(case: Case) -> None:
    hidden = [note for note in seen(case, "auditor") if note.text is None]
    assert [note.access for note in hidden] == ["reasoned_request", "reasoned_request"]
    opened = seen(case, "auditor", opened=frozenset({"note_unit", "note_handlers"}))
    assert all(note.text for note in opened)


def test_a_correction_adds_a_version_and_the_history_holds_no_text(case: Case) -> None:
    office = case.office
    note = seen(case, "officer")[0]
    with pytest.raises(NotYourNoteError):
        case.say("secretary", "notes.correct_note", note_id=note.note_id, text="Của người khác.")
    with pytest.raises(InvalidInputError):
        case.say("officer", "notes.correct_note", note_id="không có", text="x")
    case.say("officer", "notes.correct_note", note_id=note.note_id, text="Nói lại cho rõ.")
    again = next(one for one in seen(case, "officer") if one.note_id == note.note_id)
    assert (again.text, again.version, again.audience) == ("Nói lại cho rõ.", 2, "UNIT")
    kept = [row["text"] for name, row in rows(office) if name == "case_note" and row["note_id"] == note.note_id]
    assert kept == [TEXTS["UNIT"], "Nói lại cho rõ."]
    assert places_of(office, TEXTS["UNIT"]) == ["case_note"]
    said = [event for event in case.history() if event.data.get("step", "").startswith("notes.")]
    assert [event.data["audience"] for event in said] == ["UNIT", "HANDLERS", "READERS", "UNIT"]
    assert all(event.facts for event in said)
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_only_those_who_work_on_a_case_write_on_it(case: Case) -> None:
    for who in ("staff", "nominee", "head2", "auditor"):
        with pytest.raises(ForbiddenError):
            case.say(who, "notes.write_note", audience="READERS", text="Tôi cũng muốn nói.")
    case.say("head", "notes.write_note", audience="READERS", text="Đơn vị sẽ bổ sung.")

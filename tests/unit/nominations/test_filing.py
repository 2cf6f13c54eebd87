"""Filing a dossier, mending a returned one, and who may add documents when."""

from datetime import date, timedelta
from typing import Any

import pytest

from engine.context import StepContext
from engine.errors import InvalidInputError
from engine.models import InstanceStatus, ProcessInstance, ProcessVersion
from tests import builders as build
from tests.unit.nominations.unit import Bacson
from workflows.documents.models import DocumentKind
from workflows.errors import (
    CaseOverError,
    DossierNotWithUnitError,
    NomineeMayNotActError,
    NotYourDocumentError,
    RoundClosedError,
)
from workflows.nominations import dossier, filing, intake, queries, service
from workflows.nominations.models import Nomination
from workflows.nominations.steps import USER_STEPS

SUBMIT, CHECK, SUPPLEMENT = USER_STEPS[:3]


def place(row: Nomination) -> dict[str, Any]:
    return {"business_key": row.business_key, "variables": {"nomination_id": row.nomination_id}}


def fields_of(refusal: pytest.ExceptionInfo[InvalidInputError]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = refusal.value.details["fields"]
    return found


def test_filing_fixes_the_day_and_the_letter(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting() as ctx:
        view = queries.view_of(ctx.session, row.nomination_id, ctx.today)
    assert view.filed_on == date(2025, 6, 16)
    assert (view.letter_number, view.letter_on, view.version) == ("15/TTr-CCTHADS", date(2025, 6, 10), 2)


def test_the_example_of_the_form_can_be_filed(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting(**place(row)) as ctx:
        schema = SUBMIT.form.schema(ctx)
        assert SUBMIT.apply(ctx, SUBMIT.form.load(ctx, schema["example"])) == {"proposed_form": "GIAY_KHEN"}
    assert "internal_unity" not in schema["properties"]


def test_a_dossier_opens_with_the_period_of_its_round(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting(**place(row)) as ctx:
        assert SUBMIT.prefill is not None
        assert SUBMIT.prefill(ctx) == {
            "proposed_form": "GIAY_KHEN", "internal_unity": False, "achieved_from": "2019-01-01",
            "achieved_to": "2025-06-16", "paper": [],
        }  # fmt: skip


def test_a_missing_document_is_named(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx:
        build.a_document(ctx, row.nomination_id, DocumentKind.UNIT_MINUTES)
    with bacson.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        service.file_proposal(ctx, row, build.a_proposal(paper=["SUBMISSION_LETTER"]))
    assert fields_of(refusal) == {
        "paper": ["Chưa có: Báo cáo thành tích. Hãy đính kèm tệp, hoặc đánh dấu nộp bản giấy."]
    }


def test_the_minister_asks_for_a_certificate_under_ground_d(bacson: Bacson) -> None:
    row = bacson.opened()
    values = build.a_proposal(proposed_form="BANG_KHEN_BO_TRUONG", ground="D")
    with bacson.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        service.file_proposal(ctx, row, values)
    assert "Chứng nhận sáng kiến" in fields_of(refusal)["paper"][0]


def test_a_wrong_date_is_refused_beside_its_field(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        service.file_proposal(ctx, row, build.a_proposal(achieved_from=date(2018, 1, 1)))
    assert fields_of(refusal) == {
        "achieved_from": ["Nằm ngoài thời gian tính thành tích của đợt (01/01/2019 – 30/06/2025)."]
    }


def test_after_the_deadline_nothing_is_filed(bacson: Bacson) -> None:
    row = bacson.opened()
    bacson.facts.now += timedelta(days=46)
    with bacson.acting() as ctx, pytest.raises(RoundClosedError):
        service.file_proposal(ctx, row, build.a_proposal())


def test_one_letter_has_one_date(bacson: Bacson) -> None:
    bacson.filed()
    other = bacson.opened(bacson.colleague)
    with bacson.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        service.file_proposal(ctx, other, build.a_proposal(letter_on=date(2025, 6, 11)))
    assert fields_of(refusal) == {"letter_on": ["Tờ trình số này đã ghi ngày 10/06/2025 ở đề nghị khác."]}
    with bacson.acting() as ctx:
        joined = service.file_proposal(ctx, other, build.a_proposal())
        assert len(queries.nominations_under(ctx.session, joined.submission_id or "")) == 2


def returned(bacson: Bacson, row: Nomination, **flawed: str) -> None:
    """The officer returns these items, each with its reason."""
    with bacson.acting(bacson.officer) as ctx:
        found = dossier.dossier_items(ctx.session, row.nomination_id, ctx.today)
        items = [
            {"item": item.item, "status": "FLAWED" if item.item in flawed else item.status.value,
             "reason": flawed.get(item.item, "")}
            for item in found
            if item.required
        ] + [
            {"item": item.item, "status": "MISSING", "reason": flawed.get(item.item, "")}
            for item in found
            if not item.required
        ]  # fmt: skip
        intake.check_completeness(ctx, row, items=items, outcome="returned", reason="")


def test_a_returned_dossier_opens_only_what_was_flagged(bacson: Bacson) -> None:
    row = bacson.filed()
    returned(bacson, row, ACHIEVEMENT="Nêu số liệu", UNIT_MINUTES="Thiếu chữ ký")
    with bacson.acting(**place(row)) as ctx:
        shown = set(SUPPLEMENT.form.schema(ctx)["properties"])
        assert shown == {"achievement", "achieved_from", "achieved_to", "summary", "paper", "note"}
        assert SUPPLEMENT.prefill is not None
        assert set(SUPPLEMENT.prefill(ctx)) == {"achievement", "achieved_from", "achieved_to", "summary"}


def test_mending_what_was_not_returned_is_refused(bacson: Bacson) -> None:
    row = bacson.filed()
    returned(bacson, row, UNIT_MINUTES="Thiếu chữ ký")
    assert supplement_refused(bacson, row, achievement="Khác", paper=["UNIT_MINUTES"]) == {
        "achievement": ["Mục này không bị trả lại nên không sửa được."]
    }
    assert supplement_refused(bacson, row, paper=["UNIT_MINUTES", "EVIDENCE"]) == {
        "paper": ["Tài liệu minh chứng không bị trả lại nên không bổ sung."]
    }
    assert supplement_refused(bacson, row) == {"paper": ["Chưa bổ sung: Biên bản họp xét của đơn vị."]}


def supplement_refused(bacson: Bacson, row: Nomination, **values: Any) -> dict[str, list[str]]:
    with bacson.acting(**place(row)) as ctx, pytest.raises(InvalidInputError) as refusal:
        SUPPLEMENT.apply(ctx, SUPPLEMENT.form.load(ctx, values))
    return fields_of(refusal)


def test_a_mended_dossier_keeps_its_day_of_filing(bacson: Bacson) -> None:
    row = bacson.filed()
    returned(bacson, row, ACHIEVEMENT="Nêu số liệu", UNIT_MINUTES="Thiếu chữ ký")
    bacson.facts.now += timedelta(days=60)  # past the filing deadline: mending is not filing
    with bacson.acting(**place(row)) as ctx:
        build.a_document(ctx, row.nomination_id, DocumentKind.UNIT_MINUTES)
        values = SUPPLEMENT.form.load(ctx, {"achievement": "Thi hành xong 120 việc"})
        assert SUPPLEMENT.apply(ctx, values) == {"proposed_form": "GIAY_KHEN"}
        content = queries.content_of(ctx.session, row.nomination_id)
    assert (content.achievement, content.filed_on) == ("Thi hành xong 120 việc", date(2025, 6, 16))
    assert content.paper_kinds == ["ACHIEVEMENT_REPORT", "SUBMISSION_LETTER"]


def test_a_form_returned_may_lose_its_ground(bacson: Bacson) -> None:
    row = bacson.filed(values={"proposed_form": "BANG_KHEN_BO_TRUONG", "ground": "A"})
    returned(bacson, row, PROPOSED_FORM="Chưa đủ tiêu chuẩn Bằng khen")
    with bacson.acting(**place(row)) as ctx:
        values = SUPPLEMENT.form.load(ctx, {"proposed_form": "GIAY_KHEN"})
        assert SUPPLEMENT.apply(ctx, values) == {"proposed_form": "GIAY_KHEN"}
        assert queries.content_of(ctx.session, row.nomination_id).ground == ""


def may_file(ctx: StepContext, row: Nomination, kind: str, **more: str) -> None:
    filing.may_file(ctx, {"subject_id": row.business_key, "kind": kind, **more})


def test_the_unit_files_while_it_drafts_and_then_only_what_was_returned(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx:
        may_file(ctx, row, "ACHIEVEMENT_REPORT")
        assert ctx.business_key == row.business_key
        service.file_proposal(ctx, row, build.a_proposal())
        with pytest.raises(DossierNotWithUnitError):
            may_file(ctx, row, "ACHIEVEMENT_REPORT")
    returned(bacson, row, UNIT_MINUTES="Thiếu chữ ký")
    with bacson.acting() as ctx:
        may_file(ctx, row, "UNIT_MINUTES")
        with pytest.raises(InvalidInputError) as refusal:
            may_file(ctx, row, "ACHIEVEMENT_REPORT")
        assert list(fields_of(refusal)) == ["kind"]
        with pytest.raises(NotYourDocumentError):
            may_file(ctx, row, "SIGNED_SCAN")


def test_others_file_only_what_is_theirs(bacson: Bacson) -> None:
    row = bacson.filed()
    with bacson.acting(bacson.officer) as ctx:
        may_file(ctx, row, "CONFIRMATION")
        filing.may_file(ctx, {"subject_id": "a-round", "kind": "GUIDANCE"})
        with pytest.raises(NotYourDocumentError):
            may_file(ctx, row, "SIGNED_SCAN")
    for who in (bacson.stranger, bacson.colleague):
        with bacson.acting(who) as ctx, pytest.raises(NotYourDocumentError):
            may_file(ctx, row, "EVIDENCE")
    with bacson.acting(bacson.nominee) as ctx, pytest.raises(NomineeMayNotActError):
        may_file(ctx, row, "EVIDENCE")


def test_a_document_is_replaced_only_by_its_own_kind(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx:
        report = build.a_document(ctx, row.nomination_id, DocumentKind.ACHIEVEMENT_REPORT)
        may_file(ctx, row, "ACHIEVEMENT_REPORT", document_id=report)
        for kind, document_id in (("UNIT_MINUTES", report), ("ACHIEVEMENT_REPORT", "another")):
            with pytest.raises(InvalidInputError) as refusal:
                may_file(ctx, row, kind, document_id=document_id)
            assert list(fields_of(refusal)) == ["document_id"]


def test_an_ended_case_takes_nothing_more(bacson: Bacson) -> None:
    row = bacson.opened()
    with bacson.acting() as ctx:
        version = ProcessVersion(id=ctx.ids.new(), process_key="nomination", version=1, sha256="", files={},
                                 deployed_at=ctx.now, deployed_by="system")  # fmt: skip
        ctx.session.add(version)
        ctx.session.flush()
        ctx.session.add(ProcessInstance(
            id=ctx.ids.new(), process_version_id=version.id, process_key="nomination", business_key=row.business_key,
            status=InstanceStatus.COMPLETED, state=b"", variables={}, started_at=ctx.now, ended_at=ctx.now,
            end_event="end_withdrawn", history_hash="",
        ))  # fmt: skip
        with pytest.raises(CaseOverError):
            may_file(ctx, row, "ACHIEVEMENT_REPORT")

"""A paper tells itself who signed it in whose place: KT., Q. and TUQ. of decree 30/2020, from the record of the day."""

from datetime import date

import pytest

from engine.errors import ForbiddenError
from tests import builders as build
from tests.unit.decisions.house import House
from tests.unit.decisions.test_papers import certificate_of, decision_of, text_of
from workflows.decisions.authority import signing_capacities, standing_of
from workflows.decisions.models import AwardDecision
from workflows.documents.models import SigningCapacity
from workflows.documents.signatures import signature_form
from workflows.errors import NoSigningFormError, SigningPaperMissingError, WrongCapacityError
from workflows.facts import write_new
from workflows.nominations.models import Nomination
from workflows.organisation.models import Delegation
from workflows.rulebook import queries as rulebook


def joins(house: House, nickname: str, name: str, unit: str, title: str, *, leading: bool = False) -> None:
    """Somebody comes to work in the house."""
    with house.facts.acting() as ctx:
        house.people[nickname] = build.a_person(ctx, name, unit_id=unit, title=title, leading=leading)


def handed_to(house: House, who: str, *, document: str) -> None:
    """The head lets somebody sign in his place, by a paper or without one."""
    with house.facts.acting() as ctx:
        write_new(
            ctx, Delegation, "delegation_id", role="director", from_person_id=house.people["director"],
            to_person_id=house.people[who], unit_id="", valid_from=build.SINCE, valid_to=None, document=document,
            reason="Đi công tác",
        )  # fmt: skip


def papers_of(house: House, who: str, capacity: str, row: Nomination | None = None) -> tuple[AwardDecision, str, str]:
    """A decision somebody signed, its text and that of the certificate."""
    row = row or house.filed()
    decision = house.signed(row, who=who, capacity=capacity)
    return decision, text_of(decision_of(house, decision)), text_of(certificate_of(house, row))


def test_the_head_signs_as_the_head(small_house: House) -> None:
    decision, text, certificate = papers_of(small_house, "director", "HEAD")
    assert "in_place_of" not in decision.papers
    for paper in (text, certificate):
        assert "CỤC TRƯỞNG Hoàng Văn Bách" in paper
        assert not any(mark in paper for mark in ("KT.", "TUQ.", "Q. CỤC"))


def test_a_deputy_head_signs_for_the_head(small_house: House) -> None:
    """Both papers say so; who was replaced and by which paper stays with the decision."""
    decision, text, certificate = papers_of(small_house, "deputy", "FOR_HEAD")
    for paper in (text, certificate):
        assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lương Thị Cúc" in paper
    assert "CỤC TRƯỞNG CỤC THI HÀNH ÁN DÂN SỰ TỈNH LẠNG SƠN" in text, "whose decision it is does not change"
    assert decision.papers["in_place_of"] == {
        "id": small_house.people["director"], "name": "Hoàng Văn Bách", "document": "03/UQ",
    }  # fmt: skip


def test_the_head_of_a_unit_signs_by_authorisation_and_only_by_a_paper(small_house: House) -> None:
    house = small_house
    handed_to(house, "head", document="")
    with pytest.raises(SigningPaperMissingError):
        papers_of(house, "head", "BY_AUTHORISATION", house.filed("quan"))
    joins(house, "chief", "Nông Văn Dương", "bacson", "Trưởng phòng Tổ chức cán bộ", leading=True)
    handed_to(house, "chief", document="15/UQ-CTHADS")
    decision, text, certificate = papers_of(house, "chief", "BY_AUTHORISATION")
    for paper in (text, certificate):
        assert "TUQ. CỤC TRƯỞNG TRƯỞNG PHÒNG TỔ CHỨC CÁN BỘ Nông Văn Dương" in paper
    assert decision.papers["in_place_of"]["document"] == "15/UQ-CTHADS"


def test_a_deputy_head_who_heads_a_unit_besides_signs_as_the_deputy_head(small_house: House) -> None:
    house = small_house
    joins(house, "both", "Lộc Thị Giang", "bacson", "Chi cục trưởng kiêm nhiệm", leading=True)
    with house.facts.acting() as ctx:
        build.a_post(ctx, house.people["both"], "agency", title="Phó Cục trưởng")
    handed_to(house, "both", document="")
    _, text, _ = papers_of(house, "both", "FOR_HEAD")
    assert "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Lộc Thị Giang" in text


def test_for_any_other_post_there_is_no_form(small_house: House) -> None:
    house = small_house
    handed_to(house, "hoa", document="16/UQ")
    with house.acting("hoa") as ctx:
        assert signing_capacities(ctx.session, ctx.actor, ctx.today) == ()
    with pytest.raises(NoSigningFormError):
        papers_of(house, "hoa", "FOR_HEAD", house.filed("quan"))


@pytest.mark.parametrize(
    ("title", "leading", "capacity", "block"),
    [
        ("Quyền Cục trưởng", True, "ACTING_HEAD", "Q. CỤC TRƯỞNG Vi Thị Én"),
        ("Phó Cục trưởng", False, "FOR_HEAD", "KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG Vi Thị Én"),
    ],
)
def test_who_is_in_charge_without_being_the_head_signs_as_the_post_says(
    small_house: House, title: str, leading: bool, capacity: str, block: str
) -> None:
    """An acting head, and a deputy head who is in charge, hold the role in their own right."""
    house = small_house
    joins(house, "acting", "Vi Thị Én", "agency", title, leading=leading)
    with house.facts.acting() as ctx:
        build.a_role(ctx, house.people["acting"], "director")
    decision, text, certificate = papers_of(house, "acting", capacity)
    assert block in text
    assert block in certificate
    assert "in_place_of" not in decision.papers


def test_nobody_signs_in_a_capacity_that_is_not_his(small_house: House) -> None:
    row = small_house.filed()
    for who, capacity in (("director", "FOR_HEAD"), ("deputy", "HEAD"), ("deputy", "BY_AUTHORISATION")):
        with pytest.raises(WrongCapacityError):
            small_house.signed(row, who=who, capacity=capacity)
    assert issubclass(WrongCapacityError, ForbiddenError)


def test_the_titles_are_those_of_the_day(small_house: House) -> None:
    """From 1/7/2025 the head is another: the line follows the table of the day, the post the record."""
    house = small_house
    joins(house, "second", "Lộc Thị Giang", "agency", "Phó Trưởng Thi hành án dân sự tỉnh")
    handed_to(house, "second", document="")
    row = house.filed()
    house.on(date(2025, 8, 28))
    _, text, _ = papers_of(house, "second", "FOR_HEAD", row)
    assert "KT. TRƯỞNG THI HÀNH ÁN DÂN SỰ TỈNH PHÓ TRƯỞNG THI HÀNH ÁN DÂN SỰ TỈNH Lộc Thị Giang" in text


def test_the_wording_is_a_row_with_its_source(small_house: House) -> None:
    with small_house.acting("deputy") as ctx:
        assert standing_of(ctx.session, ctx.actor, ctx.today).in_place_of == small_house.people["director"]
        for capacity in SigningCapacity:
            form = signature_form(ctx.decide, capacity, ctx.today)
            assert form.first_line
            (row,) = rulebook.explain(ctx.session, "signature", {"signing_capacity": capacity.value}, ctx.today)
            assert row.source
        sure = {
            capacity.value: rulebook.explain(ctx.session, "signature", {"signing_capacity": capacity.value}, ctx.today)[
                0
            ].confidence
            for capacity in SigningCapacity
        }
    assert (sure["HEAD"], sure["FOR_HEAD"], sure["BY_AUTHORISATION"], sure["ACTING_HEAD"]) == ("T", "Q", "S", "B")

"""The annex of a decision says which rules were applied and what they cite, and nothing that is secret."""

import pytest

from engine.db import reading
from tests.office import Office
from tests.paths import stories
from webapp.wiring import FONTS, file_storage
from workflows.decisions import papers, queries
from workflows.decisions.press import Press
from workflows.decisions.reasons import reasons_of


@pytest.mark.slow
def test_a_decision_is_printed_with_its_reasons(sqlite_office: Office) -> None:
    case = stories.signed(stories.granted(sqlite_office))
    with reading(sqlite_office.engine.sessions) as session:
        key = str(case.variables["decision_id"])
        found = reasons_of(session, case.key)
        plain = papers.decision_data(session, key)
        full = papers.decision_data(session, key, include_reasons=True)
        files = file_storage(sqlite_office.settings)
        paper = papers.decision_pdf(session, files, Press(FONTS), key, include_reasons=True)
        line = queries.lines_of_decision(session, key)[0]
    told = {one["table"]: one for one in found}
    assert list(told)[:2] == ["Điều kiện được xét", "Kết quả biểu quyết"]
    assert told["Điều kiện được xét"]["outcome"] == "Không có vướng mắc"
    assert told["Kết quả biểu quyết"]["outcome"] == "Kết quả: Đạt"
    assert all(source["source"] and source["rule"] for source in told["Kết quả biểu quyết"]["sources"])
    assert plain["reasons"] == []
    assert full["reasons"] == [{"name": line.nominee, "tables": found}]
    assert paper.startswith(b"%PDF")

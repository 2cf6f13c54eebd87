"""Addresses nobody types: every page answers them without a fault of ours."""

from itertools import cycle, islice, product

import pytest
from werkzeug.routing import Rule

from tests.office import Office
from tests.web.shell import Shell

PEOPLE_ASKING = ("admin", "officer", "auditor")
QUESTIONS = (
    "q", "case", "person", "kind", "chain", "cursor", "round", "unit", "form", "year", "page", "role", "what", "table",
    "at", "row", "from", "until", "priority",
)  # fmt: skip
MEANING_SOMETHING_TO_FLASK = "_external=1&_scheme=javascript&_anchor=x&_method=POST"
ODD = ("%00", "x%00y", "%ff%fe", "%F0%9F%8F%86", "-1", "9" * 40, "%25", "%27%22%3Cb%3E", "%5B%5D")


@pytest.fixture
def shell(postgresql_office: Office) -> Shell:
    """The stricter of the two databases."""
    return Shell.over(postgresql_office)


def pages(shell: Shell) -> list[Rule]:
    skipped = {"static", "metrics.show"}
    return [rule for rule in shell.app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint not in skipped]


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_question_in_an_address_is_a_fault(shell: Shell) -> None:
    faults = []
    plain = [rule for rule in pages(shell) if not rule.arguments]
    for who, rule, shift in product(PEOPLE_ASKING, plain, range(0, len(ODD), 3)):
        odd = islice(cycle(ODD), shift, None)
        path = f"{rule.rule}?{MEANING_SOMETHING_TO_FLASK}&" + "&".join(f"{name}={next(odd)}" for name in QUESTIONS)
        answer = shell.browser(who).get(path)
        if answer.status_code >= 500 or "javascript:" in answer.get_data(as_text=True):
            faults.append((who, path))
    assert faults == []


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_name_in_an_address_is_a_fault(shell: Shell) -> None:
    """Where a page names a thing, an odd name is a thing that is not there."""
    faults = []
    adapter = shell.app.url_map.bind("localhost")
    for rule in pages(shell):
        texts = {name for name, part in rule._converters.items() if type(part).__name__ == "UnicodeConverter"}
        if not texts or texts != rule.arguments:
            continue
        for who, odd in product(PEOPLE_ASKING, ("x\0y", "🏆" + "9" * 400, "%'\"<b>")):
            path = adapter.build(rule.endpoint, dict.fromkeys(texts, odd))
            answer = shell.browser(who).get(path)
            if answer.status_code >= 500 or ("\0" in odd and answer.status_code not in {401, 403, 404}):
                faults.append((answer.status_code, path))
    assert faults == []

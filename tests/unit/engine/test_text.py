"""Text as it is searched, stored and cleaned."""

import pytest

from engine.text import clean, fold, storable


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("Ngô Đình ĐỨC", "ngo dinh duc"),
        ("Ngo\u0302 \u0110i\u0300nh \u0110U\u031b\u0301C", "ngo dinh duc"),  # accents as signs of their own
        ("  Bắc   Sơn\t", "bac son"),
        ("46/QĐ-CTHADS", "46/qd-cthads"),
        ("Ữ ặ ỵ", "u a y"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_people_search_without_accents_case_and_blanks(typed: str, searched: str) -> None:
    assert fold(typed) == searched
    assert fold(searched) == searched


def test_what_no_database_keeps_becomes_a_mark() -> None:
    assert storable("a\0b\ud800") == "a\ufffdb\ufffd"
    assert storable("Ngô Đức") == "Ngô Đức"


def test_typed_text_loses_control_characters_and_outer_blanks_only() -> None:
    assert clean("  dòng một\r\n\tdòng hai\x07 ") == "dòng một\n\tdòng hai"

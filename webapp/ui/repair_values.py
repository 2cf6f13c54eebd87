"""New values of a case's variables as a person gives them: chosen from what there is, typed where nothing is known.

`value-<name>` is what was given, `find-<name>` what was searched for, `kind-<name>` the kind somebody chose for a value
the case does not have yet, `was-<name>` the people a list held when the page was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from engine.context import StepContext
from engine.db import reading
from engine.intervention_views import VariableView
from engine.text import is_id
from webapp import current
from webapp.i18n import t
from webapp.typed import iso_day, iso_instant, normalise, whole_number
from webapp.ui.identities import named
from webapp.ui.words import variable_name, variable_words
from workflows.labels import label
from workflows.organisation import queries as organisation
from workflows.variables import kind_of

Sent = MultiDict[str, str]
NOTHING = "-"
"""Takes the value away."""
FREE = ("text", "number", "yes_no", "lines")
"""What a variable may be given that has no value and of which nothing is known."""
CHOSEN = frozenset({"choice", "yes_no", "unit"})
SEARCHED = frozenset({"person", "people"})
MOST_FOUND = 30
LONGEST = 2000
_YES, _NO = frozenset({"yes", "có", "true"}), frozenset({"no", "không", "false"})
Pairs = tuple[tuple[str, str], ...]


class WrongValueError(ValueError):
    """A value that cannot be taken; the text is the sentence beside its field."""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A variable with its present value in words, and what somebody gave for it.

    Attributes:
        kind: how the value is chosen, one of `workflows.variables.KINDS`; of a free one the kind somebody chose.
        free: whether nothing is known of it, so that its kind is chosen too.
        options: what there is to choose from: values with their words; for people those found and those given.
        more: how many people were found beyond those shown.
        given: what was given; several for a list of people.
        was: of a list of people, whom it held when the page was made.
        error: what is wrong with it.

    """

    variable: VariableView
    title: str
    now: str
    kind: str
    free: bool
    options: Pairs
    more: int
    given: tuple[str, ...]
    was: tuple[str, ...]
    search: str
    error: str = ""

    @property
    def typed(self) -> str:
        """What was typed or chosen, empty for nothing."""
        return self.given[0] if self.given else ""

    @property
    def empty(self) -> bool:
        """Whether the case has no value for it yet."""
        return self.variable.value is None

    @property
    def touched(self) -> bool:
        """Whether somebody gave something for it."""
        return set(self.given) != set(self.was) if self.kind == "people" else bool(self.typed)

    @property
    def busy(self) -> bool:
        """Whether somebody works on it, so that it stands open."""
        return self.touched or bool(self.search) or bool(self.error)

    @property
    def hint(self) -> str:
        """How the value is written, in words; empty where it is chosen."""
        if self.kind == "text":
            return t("repair.hint_id" if is_id(self.variable.value) else "repair.hint_text")
        return "" if self.kind in CHOSEN and not self.free else t(f"repair.hint_{self.kind}")

    def fields(self) -> Iterable[tuple[str, str]]:
        """Yield what was given as names and values, to be sent again."""
        name = self.variable.name
        if self.touched:
            yield from ((f"value-{name}", one) for one in self.given)
            yield from ((f"was-{name}", one) for one in self.was)
            if self.free:
                yield f"kind-{name}", self.kind

    def new_value(self) -> Any:
        """Return the value somebody gave.

        Raises:
            WrongValueError: it cannot be taken.

        """
        if self.kind == "people":
            return _people(self.given)
        text = self.typed
        if text == NOTHING and self.kind in CHOSEN | {"person"}:
            return None
        return _READERS[self.kind](self, text)


def value_line(ctx: StepContext, variable: VariableView, sent: Sent) -> ValueLine:
    """Return a variable with what was sent for it, and what there is to choose from."""
    name, value = variable.name, variable.value
    found = kind_of(ctx, variable)
    free = value is None and found.kind == "text"
    kind = sent.get(f"kind-{name}", "") if free else found.kind
    kind = kind if kind in FREE else found.kind
    held = tuple(str(one) for one in value) if isinstance(value, list) and kind == "people" else ()
    given = tuple(one for one in map(normalise, sent.getlist(f"value-{name}")) if one)
    if kind == "people" and f"was-{name}" not in sent and not given:
        given = held
    was = tuple(sent.getlist(f"was-{name}")) or (held if kind == "people" else ())
    search = normalise(sent.get(f"find-{name}", ""))[:100]
    standing = (*given, *was, *((value,) if isinstance(value, str) else ()))
    options, more = _options(ctx.session, kind, found.options, standing, search)
    now = variable_words(name, value)
    words = dict(found.options)
    if isinstance(value, str) and value in words and now == value:
        now = words[value]
    return ValueLine(variable, variable_name(name), now, kind, free, options, more, given, was, search)


def _options(
    session: Session, kind: str, known: Pairs, given: tuple[str, ...], search: str
) -> tuple[Pairs, int]:  # fmt: skip
    on = current.business_today()
    if kind == "yes_no":
        return (("yes", label("enums.yes_no.true")), ("no", label("enums.yes_no.false"))), 0
    if kind == "unit":
        units = tuple((unit.id, unit.name) for unit in organisation.units_on(session, on))
        return _with(units, given), 0
    if kind in SEARCHED:
        people = [
            (one.id, " – ".join(part for part in (one.full_name, one.post, one.unit) if part))
            for one in organisation.list_people(session, on, text=search)
        ]
        shown = people[:MOST_FOUND]
        return _with(tuple(shown), given), len(people) - len(shown)
    return known, 0


def _with(options: Pairs, given: tuple[str, ...]) -> Pairs:
    """Return options with those that were given first, whether they were found or not."""
    words, ids = dict(options), [one for one in given if is_id(one)]
    names = named(one for one in ids if one not in words)
    first = tuple((one, words.get(one) or names[one]) for one in dict.fromkeys(ids))
    return first + tuple(pair for pair in options if pair[0] not in ids)


# what was given, as values


def _chosen(line: ValueLine, text: str) -> str:
    if text not in {value for value, _ in line.options}:
        raise WrongValueError(t("repair.wrong_choice"))
    return text


def _yes_no(_line: ValueLine, text: str) -> bool:
    told = text.casefold()
    if told not in _YES | _NO:
        raise WrongValueError(t("repair.wrong_yes_no"))
    return told in _YES


def _number(_line: ValueLine, text: str) -> int:
    found = whole_number(text)
    if found is None:
        raise WrongValueError(t("repair.wrong_number"))
    return found


def _day(_line: ValueLine, text: str) -> str:
    try:
        return date.fromisoformat(iso_day(text)).isoformat()
    except ValueError:
        raise WrongValueError(t("repair.wrong_day")) from None


def _instant(_line: ValueLine, text: str) -> str:
    try:
        return datetime.fromisoformat(iso_instant(text)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise WrongValueError(t("repair.wrong_instant")) from None


def _person(_line: ValueLine, text: str) -> str:
    return _people([text])[0]


def _people(ids: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(ids))
    with reading(current.sessions()) as reader:
        known = organisation.people_named(reader, wanted)
    if unknown := [one for one in wanted if one not in known]:
        raise WrongValueError(t("repair.wrong_person", count=len(unknown)))
    return wanted


def _text(line: ValueLine, text: str) -> str:
    if is_id(line.variable.value) and not is_id(text):
        raise WrongValueError(t("repair.wrong_id"))
    return _short(text)


def _lines(_line: ValueLine, text: str) -> list[str]:
    return [one.strip() for one in _short(text).splitlines() if one.strip()]


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise WrongValueError(t("repair.too_long", maximum=LONGEST, length=len(text)))
    return text


_READERS = {
    "choice": _chosen, "unit": _chosen, "yes_no": _yes_no, "number": _number, "day": _day, "instant": _instant,
    "person": _person, "text": _text, "lines": _lines,
}  # fmt: skip

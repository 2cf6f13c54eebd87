"""How dates, numbers, names and codes are written for people."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask

from engine.clock import VIETNAM
from webapp import current
from webapp.i18n import language, t
from workflows import labels


def _instant(value: Any) -> Any:
    if isinstance(value, str) and value:
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return value
    return value


def day(value: Any) -> str:
    """Write a date or instant as dd/MM/yyyy in Vietnam; empty for none."""
    value = _instant(value)
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).strftime("%d/%m/%Y")
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")


def moment(value: Any) -> str:
    """Write an instant as HH:mm dd/MM/yyyy in Vietnam; empty for none."""
    value = _instant(value)
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
    return day(value)


def number(value: Any) -> str:
    """Write a whole number with the language's thousands mark: 1.490.000 or 1,490,000."""
    if value is None or value == "":
        return ""
    text = f"{int(value):,}"
    return text.replace(",", ".") if language() == "vi" else text


def decimal(value: Any) -> str:
    """Write a number to one decimal with the language's mark: 80,8 or 80.8."""
    text = f"{value:.1f}"
    return text.replace(".", ",") if language() == "vi" else text


def percent(value: Any) -> str:
    """Write a percentage without empty decimals: 100 %, 88,89 % or 88.89 %."""
    text = str(value)
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{plain.replace('.', ',') if language() == 'vi' else plain} %"


def money(value: Any) -> str:
    """Write an amount of Vietnamese đồng."""
    return f"{number(value)} đồng" if language() == "vi" else f"VND {number(value)}"


def due(value: Any) -> str:
    """Say how long is left until an instant, in calendar days of Vietnam."""
    value = _instant(value)
    if value is None:
        return ""
    on = value.astimezone(VIETNAM).date() if isinstance(value, datetime) else value
    days = (on - current.business_today()).days
    if isinstance(value, datetime) and value < current.business_now():
        return t("due.over_today") if days >= 0 else t("due.over_one" if days == -1 else "due.over", days=-days)
    if days < 0:
        return t("due.over_one" if days == -1 else "due.over", days=-days)
    return t("due.today") if days == 0 else t("due.left_one" if days == 1 else "due.left", days=days)


def is_over(value: Any) -> bool:
    """Tell whether an instant, or the whole of a day, has passed."""
    value = _instant(value)
    if isinstance(value, datetime):
        return value < current.business_now()
    return isinstance(value, date) and value < current.business_today()


def size(value: Any) -> str:
    """Write a file's size as people read it: 12 KB, 1,4 MB."""
    count = int(value or 0)
    if count < 1_000_000:
        return f"{max(1, count // 1000)} KB"
    return f"{decimal(count / 1_000_000)} MB"


def label(section: str, key: Any) -> str:
    """Return the domain word of a code in the request's language; the code itself when there is none."""
    if key is None or key == "":
        return ""
    return labels.find_label(f"{section}.{key}", language()) or str(key)


def short(value: Any, length: int = 12) -> str:
    """Return the first characters of a hash or id."""
    return str(value)[:length]


def ago(age: timedelta) -> str:
    """Say how long ago something ran last, in the largest unit that fits."""
    seconds = int(age.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return t(f"ago.{unit}", count=number(seconds // length))
    return t("ago.seconds", count=max(seconds, 0))


def joined(values: Iterable[Any]) -> str:
    """Return values in one line."""
    return ", ".join(str(value) for value in values)


def init_app(app: Flask) -> None:
    """Give the filters to the templates."""
    for each in (day, moment, number, decimal, money, percent, due, short, ago, joined, size):
        app.add_template_filter(each)
    for word in (label, is_over):
        app.add_template_global(word)

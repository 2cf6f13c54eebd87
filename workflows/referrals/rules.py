"""Rules of the way to the Minister: plain values in, plain values out."""

from datetime import date


def stations(policy: str) -> tuple[str, ...]:
    """Return the stations of the way, in order, as the policy `minister_hops` lists them."""
    return tuple(part.strip() for part in policy.split(",") if part.strip())


def answer_faults(*, answered_on: date, sent_on: date, today: date) -> dict[str, str]:
    """Return what is wrong with the day of an answer: it lies between the sending and today."""
    if answered_on > today:
        return {"answered_on": "date_in_future"}
    return {"answered_on": "date_before"} if answered_on < sent_on else {}

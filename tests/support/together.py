"""Several people press a button in the same moment: threads that start behind a barrier."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

PATIENCE = 60


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all deeds at once; return for each what it returned or the exception it raised."""
    barrier = threading.Barrier(len(deeds))
    told: list[Any] = [None] * len(deeds)

    def do(place: int) -> None:
        try:
            barrier.wait(PATIENCE)
            told[place] = deeds[place]()
        except BaseException as fault:
            told[place] = fault

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return told


def faults(told: Sequence[Any]) -> list[BaseException]:
    """The exceptions among answers."""
    return [answer for answer in told if isinstance(answer, BaseException)]

"""Which tests run one after the other in one worker process, because what they share is costly to build.

pytest-xdist 3.8 hands a group from the workers to the scheduler in the name of a test, which pytest 9 no longer lets it
do: marks of groups would change nothing. So the scheduler reads the groups from the files itself.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadGroupScheduling

_MARK = re.compile(r'xdist_group\("(\w+)"\)')


@cache
def group_of(path: Path) -> str | None:
    """Return the group that a file of tests, or the conftest of its folder, is marked with."""
    for source in (path, path.with_name("conftest.py")):
        if source.is_file() and (found := _MARK.search(source.read_text(encoding="utf-8"))):
            return found[1]
    return None


class GroupedScheduling(LoadGroupScheduling):
    """Gives the tests of one group to one worker, and all others one by one to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(self.config.rootpath) / nodeid.partition("::")[0]
        return group_of(path) or nodeid


def make_scheduler(config: Any, log: Any) -> GroupedScheduling | None:
    """Return our scheduler where `--dist loadgroup` was asked for."""
    return GroupedScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None

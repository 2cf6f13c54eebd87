"""A process that is new: what must be said of it before it is drawn, and its first drawing."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.diagram_names import Name
from engine.diagram_versions import diagrams_in_force
from engine.registry import Registry, UserStep
from engine.skeleton import Beginning, first_drawing
from workflows.forms import Problems, clean_text
from workflows.labels import label
from workflows.rulebook import queries, rules

_NOT_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class NewProcess:
    """What somebody says of a process that is to be drawn.

    Attributes:
        key: of the process; letters, digits and underscores.
        name: in Vietnamese; `name_en` in English.
        role: key of the role whose lane it begins with.
        step: key of the user step its first task does.

    """

    key: str = ""
    name: str = ""
    name_en: str = ""
    role: str = ""
    step: str = ""

    def cleaned(self) -> "NewProcess":
        """Return the same without outer and double blanks, and without what no XML may hold."""
        return NewProcess(_one_line(self.key), _one_line(self.name), _one_line(self.name_en), self.role, self.step)


def begin_drawing(session: Session, registry: Registry, said: NewProcess) -> bytes:
    """Return the first drawing of a new process; nothing is written.

    Raises:
        InvalidInputError: the key has no good form or is taken, a name is missing or too long, or role or step is none.

    """
    problems = Problems()
    for field, text in (("key", said.key), ("name", said.name), ("name_en", said.name_en)):
        if not text:
            problems.add(field, "required")
        elif field != "key" and len(text) > rules.LONGEST_PROCESS_NAME:
            problems.add(field, "process_name_too_long", longest=rules.LONGEST_PROCESS_NAME)
    if said.key and (wrong := _key_problem(session, said.key)):
        problems.add("key", wrong)
    if said.role not in registry.roles:
        problems.add("role", "unknown_choice" if said.role else "required")
    if (UserStep, said.step) not in registry.steps:
        problems.add("step", "unknown_choice" if said.step else "required")
    problems.refuse_any()
    return first_drawing(Beginning(
        said.key, Name(said.name, said.name_en), registry.roles[said.role], label(f"roles.{said.role}", "vi"),
        step=said.step, task=_both(f"steps.{said.step}"), start=_both("drawing.start"), end=_both("drawing.end"),
    ))  # fmt: skip


def _one_line(text: str) -> str:
    return " ".join(clean_text(_NOT_XML.sub("", text)).split())


def _key_problem(session: Session, key: str) -> str:
    return rules.process_key_problem(key, diagrams_in_force(session).keys(), queries.waiting_processes(session))


def _both(key: str) -> Name:
    return Name(label(key, "vi"), label(key, "en"))

"""Decision tables of the library's tests: its own evaluation and ours, over the same random inputs."""

import random
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from engine import dmn
from tests.equivalence import library

HIT_POLICY, WORDS, LABELS = "hit policy", "words of Python", "labels"
PARTS = frozenset({HIT_POLICY, WORDS, LABELS})
_UNNAMED = re.compile(rb'label="(\w+)">(\s*<inputExpression[^>]*>\s*)<text></text>')
_TEXTS = re.compile(r"<(?:\w+:)?text>([^<]*)<")
_WORDS = re.compile(r'"([^"]*)"|(-?\d+(?:\.\d+)?)')


@dataclass
class Decided:
    """How a table was answered: `refused` is why our reader takes no such file, empty when it does."""

    difference: str = ""
    refused: str = ""
    asked: int = 0
    answers: set[str] = field(default_factory=set)


def decide(name: str, seeds: int, *, without: frozenset[str] = frozenset()) -> Decided:
    """Ask both for the decision of a file with random inputs of the types it names; return the first difference.

    Args:
        without: what of ours is left out: `HIT_POLICY` lets it take the first rule that fits, as the library does
            whatever the file says; `WORDS` reads the yes and no of Python as those of FEEL; `LABELS` takes the label
            of a column for its expression.

    """
    found, xml = Decided(), (library.FOLDER / name).read_bytes()
    own = xml.replace(b"<decisionTable ", b'<decisionTable hitPolicy="FIRST" ') if HIT_POLICY in without else xml
    if WORDS in without:
        own = own.replace(b">True<", b">true<").replace(b">False<", b">false<")
    if LABELS in without:
        own = _UNNAMED.sub(rb'label="\1">\2<text>\1</text>', own)
    try:
        model = dmn.load(own)
    except dmn.DmnError as fault:
        found.refused = f"{fault.code}: {fault}"
        return found
    parser = BpmnDmnParser()
    try:
        parser.add_dmn_str(xml)
        engine = parser.get_engine(next(iter(parser.dmn_parsers)), None)
    except (AttributeError, IndexError, etree.XPathEvalError) as fault:
        found.difference = f"the library cannot read it: {type(fault).__name__}"
        return found
    names = {item.expression or item.label: item.typeRef for item in engine.decision_table.inputs}
    words = _constants(xml.decode())
    for seed in range(seeds):
        rng = random.Random(f"{name} {seed}")
        inputs = {label: rng.choice(_typed(words, kind)) for label, kind in names.items() if label}
        found.asked += 1
        ours, theirs = _ours(model, inputs), _theirs(engine, inputs)
        found.answers.add(theirs)
        if ours != theirs:
            found.difference = f"stock {theirs} | ours {ours} | for {inputs}"
            return found
    return found


def _typed(words: list[Any], kind: str) -> list[Any]:
    wanted = {"string": str, "boolean": bool}.get(kind, int)
    return [word for word in words if type(word) is wanted]


def _constants(xml: str) -> list[Any]:
    found: list[Any] = ["something else", True, False, 7]
    for text in _TEXTS.findall(xml.replace("&quot;", '"').replace("&#34;", '"')):
        for word, number in _WORDS.findall(text):
            found += [word] if word else [int(float(number)) + more for more in (-1, 0, 1)] if number else []
    return found


def _theirs(engine: Any, inputs: dict[str, Any]) -> str:
    task = SimpleNamespace(data=dict(inputs), workflow=SimpleNamespace(script_engine=PythonScriptEngine()))
    try:
        return _said(engine.result(task).values())
    except Exception:
        return "refusal"


def _ours(model: dmn.Model, inputs: dict[str, Any]) -> str:
    try:
        value = model.evaluate(model.decisions[0], inputs).value
    except dmn.DmnError as fault:
        return "nothing" if fault.code == "no_rule_matched" else fault.code
    return _said(value.values() if isinstance(value, dict) else [value])


def _said(values: Any) -> str:
    return ", ".join(str(value) for value in values) or "nothing"

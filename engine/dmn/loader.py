"""Reads DMN 1.1 to 1.5 files into models. The file is data from outside: no entities, no network."""

import hashlib
from typing import Any

from lxml import etree

from engine.dmn.errors import DmnFileError
from engine.dmn.model import DecisionElement, InputData, Model
from engine.dmn.table import DecisionTable, InputClause, OutputClause, Rule
from engine.errors import EngineError
from engine.feel import Expression, compile_expression, compile_unary_tests
from engine.feel.errors import FeelSyntaxError

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_POLICIES = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}  # fmt: skip
_AGGREGATIONS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}
_MAX_BYTES = 5_000_000
LOOKED_UP_BY = "lookedUpBy"


def load(xml: bytes, *imported: Model, functions: tuple[str, ...] = ()) -> Model:
    """Return the model of a DMN file.

    Args:
        xml: the file's bytes.
        imported: models whose decisions this file may require.
        functions: names of further FEEL functions the file may call.

    Raises:
        DmnFileError: names the element, row and column at fault.

    """
    if len(xml) > _MAX_BYTES or b"<!DOCTYPE" in xml[:2000]:
        raise DmnFileError("the file is too large or declares a document type")
    try:
        root = etree.fromstring(xml, _PARSER)
    except etree.XMLSyntaxError as fault:
        raise DmnFileError(f"the file is no XML: {fault.msg}") from None
    if _local(root) != "definitions":
        raise DmnFileError("the file is no DMN: its first element is not 'definitions'")
    return _Loader(root, functions).model(hashlib.sha256(xml).hexdigest(), imported)


def _local(node: Any) -> str:
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def _children(node: Any, name: str) -> list[Any]:
    return [child for child in node if _local(child) == name]


def _child(node: Any, name: str) -> Any | None:
    return next(iter(_children(node, name)), None)


def _text(node: Any | None) -> str:
    found = _child(node, "text") if node is not None else None
    return (found.text or "").strip() if found is not None else ""


class _Loader:
    """Keeps what every clause needs: the names with spaces and the references by id."""

    def __init__(self, root: Any, functions: tuple[str, ...]) -> None:
        self.root = root
        self.functions = functions
        self.by_id = {node.get("id"): node for node in root.iter() if node.get("id")}
        self.names = {
            node.get("name") for node in root.iter() if node.get("name") and _local(node) not in ("definitions", "rule")
        }
        self.types = {node.get("name"): _type_of(node) for node in _children(root, "itemDefinition")}
        self.allowed = {
            node.get("name"): _text(_child(node, "allowedValues")) for node in _children(root, "itemDefinition")
        }

    def model(self, sha256: str, imported: tuple[Model, ...]) -> Model:
        name = self.root.get("name") or "definitions"
        inputs = {data.name: data for other in imported for data in other.inputs_by_name.values()}
        for node in _children(self.root, "inputData"):
            variable = _child(node, "variable")
            type_name = self._type(variable.get("typeRef") if variable is not None else None)
            inputs[node.get("name")] = InputData(node.get("name"), type_name, _description(node))
        elements: dict[str, DecisionElement] = {key: item for other in imported for key, item in other.elements.items()}
        for node in _children(self.root, "decision"):
            element = self._decision(node)
            elements[element.name] = elements[element.id] = element
        if not elements:
            raise DmnFileError(f"{name} holds no decision")
        attributes = {str(etree.QName(key).localname): str(value) for key, value in self.root.attrib.items()}
        return Model(name, sha256, inputs, elements, attributes.get(LOOKED_UP_BY, ""), attributes)

    def _type(self, reference: str | None) -> str:
        name = (reference or "Any").split(":")[-1]
        return self.types.get(name, name)

    def _expression(self, text: str, place: str) -> Expression:
        try:
            return compile_expression(text or "null", names=self.names, functions=self.functions)
        except (FeelSyntaxError, EngineError) as fault:
            raise DmnFileError(f"{place}: {fault}", place=place) from None

    def _decision(self, node: Any) -> DecisionElement:
        name = node.get("name") or node.get("id")
        inputs: list[str] = []
        decisions: list[str] = []
        for requirement in _children(node, "informationRequirement"):
            for link in requirement:
                target = self.by_id.get((link.get("href") or "").split("#")[-1])
                if target is None:
                    raise DmnFileError(f"decision {name} requires {link.get('href')}, which is not there", place=name)
                (inputs if _local(link) == "requiredInput" else decisions).append(target.get("name"))
        logic = self._logic(node, name)
        return DecisionElement(node.get("id") or name, name, logic, tuple(inputs), tuple(decisions), _description(node))

    def _logic(self, node: Any, name: str) -> DecisionTable | Expression:
        if (table := _child(node, "decisionTable")) is not None:
            return self._table(table, name)
        if (literal := _child(node, "literalExpression")) is not None:
            return self._expression(_text(literal), f"decision {name}")
        boxed = next((_local(child) for child in node if _local(child) not in _NOT_LOGIC), "nothing")
        raise DmnFileError(
            f"decision {name}: its logic is {boxed}, this engine reads tables and expressions", place=name
        )

    def _table(self, node: Any, name: str) -> DecisionTable:
        policy = _POLICIES.get(node.get("hitPolicy") or "UNIQUE")
        if policy is None:
            raise DmnFileError(f"table {name}: unknown hit policy {node.get('hitPolicy')!r}", place=name)
        if policy == "C" and node.get("aggregation"):
            policy += _AGGREGATIONS[node.get("aggregation")]
        inputs = tuple(self._input(clause, name, number) for number, clause in enumerate(_children(node, "input"), 1))
        outputs = tuple(self._output(clause, name) for clause in _children(node, "output"))
        annotations = tuple(clause.get("name") or "" for clause in _children(node, "annotation"))
        rules = tuple(
            self._rule(rule, number, name, inputs, outputs, annotations)
            for number, rule in enumerate(_children(node, "rule"), 1)
        )
        return DecisionTable(name, policy, inputs, outputs, rules, annotations)

    def _input(self, node: Any, table: str, number: int) -> InputClause:
        expression = _child(node, "inputExpression")
        text = _text(expression)
        label = node.get("label") or text or str(number)
        reference = expression.get("typeRef") if expression is not None else None
        allowed = _text(_child(node, "inputValues")) or self.allowed.get((reference or "").split(":")[-1], "")
        tests = compile_unary_tests(allowed, names=self.names) if allowed else None
        compiled = self._expression(text, f"table {table}, column {label}")
        return InputClause(node.get("id") or str(number), label, compiled, self._type(reference), tests)

    def _output(self, node: Any, table: str) -> OutputClause:
        name = node.get("name") or table
        place = f"table {table}, column {name}"
        default = _text(_child(node, "defaultOutputEntry"))
        values = _text(_child(node, "outputValues"))
        priority = self._expression(f"[{values}]", place).evaluate({}) if values else []
        return OutputClause(
            node.get("id") or name, name, node.get("label") or name, self._type(node.get("typeRef")),
            self._expression(default, place) if default else None, tuple(priority),
        )  # fmt: skip

    def _rule(
        self, node: Any, number: int, table: str, inputs: tuple[InputClause, ...],
        outputs: tuple[OutputClause, ...], annotations: tuple[str, ...],
    ) -> Rule:  # fmt: skip
        cells, answers = _children(node, "inputEntry"), _children(node, "outputEntry")
        if len(cells) != len(inputs) or len(answers) != len(outputs):
            raise DmnFileError(
                f"table {table}, row {number}: it has not one cell for each column", table=table, row=number
            )
        tests = []
        for cell, clause in zip(cells, inputs, strict=True):
            try:
                tests.append(compile_unary_tests(_text(cell) or "-", names=self.names, functions=self.functions))
            except EngineError as fault:
                place = f"table {table}, row {number}, column {clause.label}"
                raise DmnFileError(f"{place}: {fault}", table=table, row=number, column=clause.label) from None
        made = tuple(
            self._expression(_text(cell), f"table {table}, row {number}, column {clause.label}")
            for cell, clause in zip(answers, outputs, strict=True)
        )
        notes = [_text(entry) for entry in _children(node, "annotationEntry")]
        named = {
            name or str(place): note for place, (name, note) in enumerate(zip(annotations, notes, strict=False), 1)
        }
        return Rule(number, node.get("id") or str(number), tuple(tests), made, named)


_NOT_LOGIC = {
    "description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement",
    "knowledgeRequirement", "authorityRequirement", "",
}  # fmt: skip


def _description(node: Any) -> str:
    found = _child(node, "description")
    return (found.text or "").strip() if found is not None else ""


def _type_of(node: Any) -> str:
    reference = _child(node, "typeRef")
    name = (reference.text or "Any").strip().split(":")[-1] if reference is not None else "Any"
    return "Any" if node.get("isCollection") == "true" else name

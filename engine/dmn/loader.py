"""Reads DMN 1.1 to 1.5 files into models."""

import hashlib
from typing import Any

from lxml import etree

from engine.dmn import boxed, xml
from engine.dmn.elements import DecisionElement, InputData, Reference, ServiceElement
from engine.dmn.errors import DmnFileError
from engine.dmn.model import Model
from engine.dmn.reader import Reader
from engine.dmn.run import Logic
from engine.dmn.trace import Finding
from engine.dmn.types import ANY, ItemType
from engine.feel import Expression

LOOKED_UP_BY = "lookedUpBy"


def load(source: bytes, *imported: Model, functions: tuple[str, ...] = (), strict: bool = True) -> Model:
    """Return the model of a DMN file.

    Args:
        source: the file's bytes.
        imported: models whose elements this file may require; an `import` element finds its own by namespace.
        functions: names of further FEEL functions the file may call.
        strict: refuse a file with a fault; otherwise faults are in `Model.findings()`, and a decision that needs
            a faulty part raises the fault when it is evaluated.

    Raises:
        DmnFileError: names the element, row and column at fault.

    """
    try:
        loader = _Loader(xml.read(source), imported, functions)
        model = loader.model(hashlib.sha256(source).hexdigest())
    except RecursionError:
        raise DmnFileError("the file is nested too deep", problem="too_deep") from None
    if strict and loader.reader.faults:
        raise loader.reader.faults[0]
    return model


def check(source: bytes, *imported: Model, functions: tuple[str, ...] = ()) -> list[Finding]:
    """Return all that is wrong with a DMN file, also one that cannot be read; severity `error` must not be deployed."""
    try:
        return load(source, *imported, functions=functions, strict=False).findings()
    except DmnFileError as fault:
        return [file_finding("", fault)]


def file_finding(table: str, fault: Exception) -> Finding:
    """Return the finding of a file that could not be read at all."""
    details = dict(fault.details) if isinstance(fault, DmnFileError) else {}
    return Finding(table, "file", str(fault), code=details.get("problem", ""), details=details)


def root_attributes(source: bytes) -> dict[str, str]:
    """Return what the root of a DMN file says of itself, by attribute without namespace: `lookedUpBy`, `validUntil`.

    Raises:
        DmnFileError: the file is no XML, or not allowed.

    """
    return _attributes(xml.read(source))


def _attributes(root: Any) -> dict[str, str]:
    return {str(etree.QName(key).localname): str(value) for key, value in root.attrib.items()}


class _Loader:
    """Reads the elements of one file; expressions and tables are the reader's."""

    def __init__(self, root: Any, imported: tuple[Model, ...], functions: tuple[str, ...]) -> None:
        self.root = root
        self.imports, self.merged = self._imports(imported)
        types: dict[str, ItemType] = {}
        names: set[str] = set()
        for prefix, other in [*self.imports.items(), *(("", model) for model in self.merged)]:
            types.update({f"{prefix}.{name}" if prefix else name: found for name, found in other.types.items()})
            names |= {*other.elements, *other.knowledge, *other.services, *other.inputs_by_name}
        self.reader = Reader(root, functions, types, names)
        self.by_id = {node.get("id"): node for node in root if isinstance(node.tag, str) and node.get("id")}
        self.inputs: dict[str, InputData] = {}
        self.decisions: dict[str, DecisionElement] = {}
        self.knowledge: dict[str, DecisionElement] = {}
        self.services: dict[str, ServiceElement] = {}

    def _imports(self, imported: tuple[Model, ...]) -> tuple[dict[str, Model], list[Model]]:
        by_namespace = {model.namespace: model for model in imported}
        named: dict[str, Model] = {}
        for node in xml.children(self.root, "import"):
            if (model := by_namespace.get(node.get("namespace") or "")) is None:
                raise DmnFileError(
                    f"the imported model {node.get('namespace')} was not given",
                    problem="import_missing", name=node.get("namespace") or "",
                )  # fmt: skip
            if node.get("name"):
                named[node.get("name")] = model
        return named, [model for model in imported if model not in named.values()]

    def model(self, sha256: str) -> Model:
        """Return the model; faults of single elements are kept by the reader."""
        name = self.root.get("name") or "definitions"
        for other in self.merged:
            self.inputs.update(other.inputs_by_name)
            self.decisions.update(other.elements)
            self.knowledge.update(other.knowledge)
            self.services.update(other.services)
        for node in self.root:
            kind = xml.local(node)
            if kind == "inputData":
                self._input(node)
            elif kind in ("decision", "businessKnowledgeModel", "decisionService"):
                self._element(node, kind)
        if not (self.decisions or self.knowledge or self.reader.types.resolved):
            raise DmnFileError(f"{name} holds no decision", problem="no_decision")
        attributes = _attributes(self.root)
        return Model(
            name, self.root.get("namespace") or "", sha256, self.inputs, self.decisions, self.knowledge, self.services,
            self.reader.types.resolved, self.imports, attributes.get(LOOKED_UP_BY, ""), attributes,
            tuple(self.reader.findings), self.reader.tables,
        )  # fmt: skip

    def _input(self, node: Any) -> None:
        try:
            item_type = self.reader.types.of(xml.child(node, "variable"))
        except DmnFileError as fault:
            self.reader.report(fault, node.get("name"), "type")
            item_type = ANY
        name = node.get("name")
        label, key = node.get("label") or "", node.get("id") or ""
        self.inputs[name] = InputData(name, item_type, xml.description(node), label, key)

    def _element(self, node: Any, kind: str) -> None:
        name = node.get("name") or node.get("id")
        try:
            if kind == "decisionService":
                made = self._service(node, name)
                self.services[name] = self.services[made.id] = made
                return
        except DmnFileError as fault:
            self.reader.report(fault, name, "reference")
            return
        found = self._decision(node, name, kind)
        target = self.decisions if kind == "decision" else self.knowledge
        target[found.name] = target[found.id] = found

    def _decision(self, node: Any, name: str, kind: str) -> DecisionElement:
        inputs: list[Reference] = []
        decisions: list[Reference] = []
        knowledge: list[Reference] = []
        item_type, logic, before = ANY, None, len(self.reader.faults)
        try:
            for link in self._links(node):
                group = {"requiredInput": inputs, "requiredDecision": decisions, "requiredKnowledge": knowledge}
                group[xml.local(link)].append(self._reference(link, name))
            item_type = self.reader.types.of(xml.child(node, "variable"))
            logic = self._logic(node, name, item_type, kind)
        except DmnFileError as fault:
            self.reader.report(fault, name, "syntax")
        faults = self.reader.faults[before:]
        literal = xml.child(node, "literalExpression")
        expression: Expression | None = None
        if literal is not None and not faults:
            expression = self.reader.expression(xml.text_of(literal), name)
        return DecisionElement(
            node.get("id") or name, name, logic if logic and not faults else boxed.broken(faults[0]), tuple(inputs),
            tuple(decisions), tuple(knowledge), xml.description(node), item_type,
            self.reader.tables.get(name) if kind == "decision" and not faults else None, expression,
        )  # fmt: skip

    def _logic(self, node: Any, name: str, item_type: ItemType, kind: str) -> Logic:
        if kind == "businessKnowledgeModel":
            body = xml.child(node, "encapsulatedLogic")
            if body is None:
                raise DmnFileError(f"knowledge model {name}: it has no logic", place=name, problem="no_logic")
            return self.reader.function(body, name)
        found = xml.expression_node(node)
        if found is None:
            raise DmnFileError(f"decision {name}: it has no logic", place=name, problem="no_logic")
        return boxed.typed(self.reader.logic(found, name), item_type, f"decision {name}")

    def _links(self, node: Any) -> list[Any]:
        groups = (*xml.children(node, "informationRequirement"), *xml.children(node, "knowledgeRequirement"))
        wanted = ("requiredInput", "requiredDecision", "requiredKnowledge")
        return [link for group in groups for link in group if xml.local(link) in wanted]

    def _service(self, node: Any, name: str) -> ServiceElement:
        groups = {
            kind: tuple(self._reference(link, name) for link in xml.children(node, kind))
            for kind in ("inputData", "inputDecision", "outputDecision")
        }
        return ServiceElement(
            node.get("id") or name, name, groups["inputData"], groups["inputDecision"], groups["outputDecision"],
            self.reader.types.of(xml.child(node, "variable")),
        )  # fmt: skip

    def _reference(self, link: Any, owner: str) -> Reference:
        namespace, _, key = (link.get("href") or "").rpartition("#")
        if namespace in ("", self.root.get("namespace")) and (target := self.by_id.get(key)) is not None:
            return Reference("", target.get("name"))
        for prefix, other in [*self.imports.items(), *(("", model) for model in self.merged)]:
            for group in (other.elements, other.knowledge, other.services):
                if (found := group.get(key)) is not None and namespace in ("", other.namespace):
                    return Reference(prefix, found.name)
            for data in other.inputs_by_name.values():
                if data.id == key and namespace in ("", other.namespace):
                    return Reference(prefix, data.name)
        raise DmnFileError(
            f"{owner} requires {link.get('href')}, which is not there",
            place=owner, problem="reference_missing", name=key or link.get("href") or "",
        )  # fmt: skip

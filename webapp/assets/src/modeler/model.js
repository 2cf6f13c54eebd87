// Reads and writes what a diagram says of an element. Every writing is one command of bpmn-js, so that it can be undone.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

const PROPERTIES = 'spiffworkflow:Properties';
const OPERATOR = 'spiffworkflow:ServiceTaskOperator';
const DECISION = 'spiffworkflow:CalledDecisionId';

export default class Model {
  constructor(modeler) {
    this.modeler = modeler;
    this.modeling = modeler.get('modeling');
    this.moddle = modeler.get('moddle');
  }

  create(type, attributes, parent) {
    const made = this.moddle.create(type, attributes);
    if (parent) made.$parent = parent;
    return made;
  }

  // the process of the diagram, and the shape that stands for it

  get process() {
    return this.modeler.getDefinitions().get('rootElements').find((one) => is(one, 'bpmn:Process'));
  }

  get root() {
    const shapes = this.modeler.get('elementRegistry');
    return shapes.find((one) => one.businessObject?.processRef === this.process && one.parent)
      ?? this.modeler.get('canvas').getRootElement();
  }

  get variables() {
    return (this.process?.get('properties') ?? []).map((one) => one.name);
  }

  declare(names) {
    const process = this.process;
    const known = new Map(process.get('properties').map((one) => [one.name, one]));
    const properties = names.map((name) => known.get(name) ?? this.create('bpmn:Property', { id: name, name }, process));
    this.modeling.updateModdleProperties(this.root, process, { properties });
  }

  // A pool that bears the name of its process is renamed with it; that of a copy whatever it is called.
  rename(name, whatever = false) {
    const pool = this.root;
    const same = is(pool, 'bpmn:Participant') && (whatever || pool.businessObject.name === this.process.name);
    this.modeling.updateModdleProperties(pool, this.process, { name });
    if (same) this.modeling.updateProperties(pool, { name });
  }

  // extension elements

  extension(element, type) {
    return getBusinessObject(element).extensionElements?.get('values').find((one) => one.$type === type);
  }

  extend(element, type, made) {
    const owner = getBusinessObject(element);
    const shape = owner === this.process ? this.root : element; // the process itself is no shape
    const others = (owner.extensionElements?.get('values') ?? []).filter((one) => one.$type !== type);
    const values = made ? [...others, made] : others;
    const extensionElements = values.length ? this.create('bpmn:ExtensionElements', { values }, owner) : undefined;
    values.forEach((one) => { one.$parent = extensionElements; });
    this.modeling.updateModdleProperties(shape, owner, { extensionElements });
  }

  property(element, name) {
    return this.extension(element, PROPERTIES)?.get('values').find((one) => one.name === name)?.value ?? '';
  }

  setProperty(element, name, value) {
    const before = this.extension(element, PROPERTIES)?.get('values') ?? [];
    const kept = before.map((one) => [one.name, one.name === name ? value : one.value]);
    if (!before.some((one) => one.name === name)) kept.push([name, value]);
    const values = kept.filter(([, said]) => said).map(([key, said]) => this.create('spiffworkflow:Property', { name: key, value: said }));
    const made = values.length ? this.create(PROPERTIES, { values }) : undefined;
    values.forEach((one) => { one.$parent = made; });
    this.extend(element, PROPERTIES, made);
  }

  operator(element) {
    return this.extension(element, OPERATOR)?.id ?? '';
  }

  parameters(element) {
    return (this.extension(element, OPERATOR)?.parameters?.get('values') ?? []).map((one) => ({ id: one.id, value: one.value }));
  }

  setOperator(element, id, given = this.parameters(element)) {
    if (!id) return this.extend(element, OPERATOR, undefined);
    const made = this.create(OPERATOR, { id });
    const parameters = this.create('spiffworkflow:Parameters', {}, made);
    const types = new Map((this.extension(element, OPERATOR)?.parameters?.get('values') ?? []).map((one) => [one.id, one.type]));
    const values = given.map((one) => this.create('spiffworkflow:Parameter', { ...one, type: types.get(one.id) }, parameters));
    if (values.length) parameters.values = values;
    made.parameters = parameters;
    return this.extend(element, OPERATOR, made);
  }

  decision(element) {
    return this.extension(element, DECISION)?.text ?? '';
  }

  setDecision(element, text) {
    this.extend(element, DECISION, text ? this.create(DECISION, { text }) : undefined);
  }

  // events

  definition(element) {
    return getBusinessObject(element).eventDefinitions?.[0];
  }

  message(element) {
    const owner = is(element, 'bpmn:ReceiveTask') ? getBusinessObject(element) : this.definition(element);
    return owner?.messageRef?.name ?? '';
  }

  setMessage(element, name) {
    const owner = is(element, 'bpmn:ReceiveTask') ? getBusinessObject(element) : this.definition(element);
    this.modeling.updateModdleProperties(element, owner, { messageRef: name ? this.messageNamed(element, name) : undefined });
  }

  messageNamed(element, name) {
    const definitions = this.modeler.getDefinitions();
    const roots = definitions.get('rootElements');
    const found = roots.find((one) => is(one, 'bpmn:Message') && one.name === name);
    if (found) return found;
    const made = this.create('bpmn:Message', { id: `msg_${name}`, name }, definitions);
    this.modeling.updateModdleProperties(element, definitions, { rootElements: [made, ...roots] });
    return made;
  }

  timer(element) {
    const found = this.definition(element);
    return (found?.timeDate ?? found?.timeDuration ?? found?.timeCycle)?.body ?? '';
  }

  setTimer(element, body) {
    const found = this.definition(element);
    const timeDate = body ? this.create('bpmn:FormalExpression', { body }, found) : undefined;
    this.modeling.updateModdleProperties(element, found, { timeDate, timeDuration: undefined, timeCycle: undefined });
  }

  // flows and loops

  condition(element) {
    return getBusinessObject(element).conditionExpression?.body ?? '';
  }

  setCondition(element, body) {
    const owner = getBusinessObject(element);
    const conditionExpression = body ? this.create('bpmn:FormalExpression', { body }, owner) : undefined;
    this.modeling.updateProperties(element, { conditionExpression });
  }

  collection(element) {
    return getBusinessObject(element).loopCharacteristics?.loopDataInputRef?.id ?? '';
  }

  setCollection(element, name) {
    const owner = getBusinessObject(element);
    const property = this.process.get('properties').find((one) => one.name === name);
    let loopCharacteristics;
    if (property) {
      loopCharacteristics = this.create('bpmn:MultiInstanceLoopCharacteristics', { loopDataInputRef: property }, owner);
      loopCharacteristics.inputDataItem = this.create('bpmn:DataInput', { id: 'assignee', name: 'assignee' }, loopCharacteristics);
    }
    this.modeling.updateProperties(element, { loopCharacteristics });
  }

  set(element, values) {
    this.modeling.updateProperties(element, values);
  }
}

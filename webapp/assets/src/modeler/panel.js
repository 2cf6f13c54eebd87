// What the chosen element says, as fields: steps, roles, tables, messages and the like are chosen, never typed.
import { is, isAny } from 'bpmn-js/lib/features/modeling/util/ModelingUtil';
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';

import { choice, choices, condition, expression, node, text, tick } from './fields.js';

const EVENTS = ['bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent'];
const FLOW_NODES = ['bpmn:FlowNode'];
const RENAMED = ['bpmn:FlowNode', 'bpmn:Lane', 'bpmn:SequenceFlow', 'bpmn:Participant'];

export default class Panel {
  constructor({ modeler, model, lists, box }) {
    Object.assign(this, { modeler, model, lists, box, words: lists.words.panel, own: false });
    this.selection = modeler.get('selection');
    modeler.on('selection.changed', () => this.render());
    modeler.on('commandStack.changed', () => { if (!this.own) this.render(); });
    this.render();
  }

  get element() {
    const chosen = this.selection.get()[0];
    return chosen?.type === 'label' ? chosen.labelTarget : chosen;
  }

  // A change that comes from a field leaves the fields as they are, so that typing goes on; `again` draws them anew.
  change(act, again = false) {
    this.own = true;
    try { act(); } finally { this.own = false; }
    if (again) this.render();
  }

  render() {
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.field : undefined;
    const element = this.element;
    this.box.replaceChildren(this.chooser(), ...(element ? this.fields(element) : this.processFields()));
    if (focused) this.box.querySelector(`[data-field="${focused}"]`)?.focus();
  }

  // Every element by name: the way in for whoever works by keyboard.
  chooser() {
    const shapes = this.modeler.get('elementRegistry').filter((one) => one.type !== 'label' && one.parent && isAny(one, RENAMED));
    const options = shapes.map((one) => ({ key: one.id, label: `${this.called(one.businessObject)} – ${this.kind(one)}` }))
      .sort((one, other) => one.label.localeCompare(other.label, 'vi'));
    return choice({ name: 'element', label: this.words.element, value: this.element?.id ?? '', options, none: this.words.whole_process,
      unknown: '', onChange: (id) => this.go(id) });
  }

  // A flow without a name is told by its ends.
  called(owner) {
    const ends = [owner.sourceRef, owner.targetRef].filter(Boolean);
    return owner.name || ends.map((one) => one.name || one.id).join(' → ') || owner.id;
  }

  go(id) {
    const shape = this.modeler.get('elementRegistry').get(id);
    if (!shape) return this.selection.select([]);
    this.selection.select(shape);
    return this.modeler.get('canvas').scrollToElement(shape, 80);
  }

  kind(element) {
    const owner = getBusinessObject(element);
    const event = owner.eventDefinitions?.[0]?.$type ?? '';
    const name = `${owner.$type}${event ? `+${event}` : ''}`.replaceAll('bpmn:', '');
    return this.words.kinds[name] ?? this.words.kinds[owner.$type.replace('bpmn:', '')] ?? name;
  }

  fields(element) {
    const { words } = this;
    const owner = getBusinessObject(element);
    const made = [node('p', { class: 'muted kind' }, this.kind(element)), ...(is(element, 'bpmn:Lane') ? [] : this.names(element, owner))];
    if (is(element, 'bpmn:UserTask')) made.push(...this.userTask(element));
    if (is(element, 'bpmn:ServiceTask')) made.push(...this.serviceTask(element));
    if (is(element, 'bpmn:BusinessRuleTask')) {
      made.push(this.list('table', words.table, this.model.decision(element), this.lists.tables, (key) => this.model.setDecision(element, key)));
    }
    if (is(element, 'bpmn:CallActivity')) {
      made.push(this.list('called', words.called, owner.calledElement ?? '', this.lists.processes, (calledElement) => this.model.set(element, { calledElement })));
    }
    if (is(element, 'bpmn:ReceiveTask') || (isAny(element, EVENTS) && is(this.model.definition(element) ?? {}, 'bpmn:MessageEventDefinition'))) {
      made.push(this.list('message', words.message, this.model.message(element), this.lists.messages, (key) => this.model.setMessage(element, key)));
    }
    if (isAny(element, EVENTS) && is(this.model.definition(element) ?? {}, 'bpmn:TimerEventDefinition')) {
      made.push(expression({ name: 'timer', label: words.timer, value: this.model.timer(element), known: this.lists.expressions.timer, words,
        none: words.choose, onChange: (body) => this.change(() => this.model.setTimer(element, body)) }));
    }
    if (is(element, 'bpmn:BoundaryEvent')) {
      made.push(tick({ name: 'interrupting', label: words.interrupting, value: owner.cancelActivity !== false,
        onChange: (cancelActivity) => this.change(() => this.model.set(element, { cancelActivity })) }));
    }
    if (isAny(element, ['bpmn:UserTask', 'bpmn:ReceiveTask', 'bpmn:IntermediateCatchEvent'])) {
      made.push(this.list('reminder', words.reminder, this.model.property(element, 'reminder'), this.lists.reminders,
        (key) => this.model.setProperty(element, 'reminder', key), words.no_reminder));
    }
    if (is(element, 'bpmn:ExclusiveGateway') && (element.outgoing?.length ?? 0) > 1) made.push(this.defaultFlow(element, owner));
    if (is(element, 'bpmn:SequenceFlow')) made.push(...this.flow(element, owner));
    if (is(element, 'bpmn:Lane')) made.push(this.lane(element));
    if (is(element, 'bpmn:Participant')) made.push(...this.processFields());
    made.push(...this.otherProperties(element));
    return made;
  }

  list(name, label, value, options, act, none = this.words.choose) {
    return choice({ name, label, value, options, none, unknown: this.words.unknown, onChange: (key) => this.change(() => act(key), true) });
  }

  names(element, owner) {
    const { words } = this;
    const made = [text({ name: 'name', label: words.name, value: owner.name ?? '', onChange: (name) => this.change(() => this.model.set(element, { name })) })];
    if (isAny(element, FLOW_NODES)) made.push(this.english(element, element.id, words.name_en_hint), this.identity(element));
    if (is(element, 'bpmn:SequenceFlow')) made.push(this.english(element, element.id, words.name_en_flow));
    return made;
  }

  // The English name: the diagram's own, or the one that is known (in grey).
  english(element, id, hint, name = 'name_en') {
    const known = this.lists.english[id] ?? '';
    return text({ name, label: this.words.name_en, value: this.model.property(element, 'name_en'), placeholder: known,
      hint: known ? this.words.name_en_known : hint, onChange: (said) => this.change(() => this.model.setProperty(element, 'name_en', said)) });
  }

  identity(element) {
    const made = text({ name: 'id', label: this.words.id, value: element.id, hint: this.words.id_hint, onChange: () => {} });
    const control = made.querySelector('input');
    control.addEventListener('change', () => {
      const free = !this.modeler.get('elementRegistry').get(control.value);
      if (/^[A-Za-z][A-Za-z0-9_]*$/.test(control.value) && free) this.change(() => this.model.set(element, { id: control.value }), true);
      else control.value = element.id;
    });
    return made;
  }

  userTask(element) {
    const { words, lists } = this;
    const variables = this.variables();
    return [
      this.list('step', words.step, this.model.property(element, 'step'), lists.steps.user, (key) => this.model.setProperty(element, 'step', key)),
      this.list('assignee', words.assignee, this.model.property(element, 'assignee'), variables.filter((one) => one.key.endsWith('_id')),
        (key) => this.model.setProperty(element, 'assignee', key), words.shared_queue),
      expression({ name: 'due', label: words.due, value: this.model.property(element, 'due'), known: lists.expressions.due, words,
        none: words.no_due, onChange: (said) => this.change(() => this.model.setProperty(element, 'due', said)) }),
      this.list('collection', words.collection, this.model.collection(element), this.model.variables.map((key) => ({ key, label: lists.variable_names[key] ?? key })),
        (key) => this.model.setCollection(element, key), words.one_person),
    ];
  }

  serviceTask(element) {
    const made = [this.list('operator', this.words.service, this.model.operator(element), this.lists.steps.service, (key) => this.model.setOperator(element, key))];
    const parameters = this.model.parameters(element);
    parameters.forEach((one, place) => made.push(text({
      name: `parameter-${one.id}`, label: `${this.words.parameter} ${one.id}`, value: one.value, hint: this.words.feel_hint,
      onChange: (value) => this.change(() => {
        parameters[place] = { ...one, value };
        this.model.setOperator(element, this.model.operator(element), parameters);
      }),
    })));
    return made;
  }

  defaultFlow(element, owner) {
    const options = element.outgoing.map((one) => ({ key: one.id, label: one.businessObject.name || `→ ${one.target.businessObject.name || one.target.id}` }));
    return this.list('default', this.words.default_flow, owner.default?.id ?? '', options, (id) => {
      this.model.set(element, { default: element.outgoing.find((one) => one.id === id)?.businessObject });
    });
  }

  flow(element, owner) {
    const from = element.source?.businessObject;
    if (!from || !is(from, 'bpmn:ExclusiveGateway') || element.source.outgoing.length < 2) return [];
    if (from.default === owner) return [node('p', { class: 'hint' }, this.words.is_default)];
    return [condition({ value: this.model.condition(element), variables: this.variables(), known: this.lists.expressions.condition, words: this.words,
      onChange: (said) => this.change(() => this.model.setCondition(element, said)) })];
  }

  // A role has one lane in a process, so what another lane is of is not offered.
  lane(element) {
    const others = this.modeler.get('elementRegistry').filter((one) => one !== element && is(one, 'bpmn:Lane')).map((one) => one.id);
    const free = this.lists.roles.filter((one) => !others.includes(`lane_${one.key}`));
    return this.list('role', this.words.role, element.id.replace(/^lane_/, ''), free, (key) => {
      const role = free.find((one) => one.key === key);
      if (role) this.model.set(element, { id: `lane_${key}`, name: role.vi });
    });
  }

  // Properties that this panel has no words for: kept, shown, and chosen from what others of their kind say.
  otherProperties(element) {
    const kind = getBusinessObject(element).$type.replace('bpmn:', '');
    const tag = kind.charAt(0).toLowerCase() + kind.slice(1);
    return this.lists.properties.filter((one) => one.kinds.includes(tag)).map((one) => {
      const value = this.model.property(element, one.key);
      const options = one.values === 'elements' ? [...this.tasks(element), ...this.variables().filter((found) => found.key.endsWith('_id'))] : one.values;
      if (one.many) {
        return choices({ name: `property-${one.key}`, label: one.label, value, options, unknown: this.words.elsewhere, hint: this.words.many_hint,
          onChange: (said) => this.change(() => this.model.setProperty(element, one.key, said)) });
      }
      return this.list(`property-${one.key}`, one.label, value, options, (said) => this.model.setProperty(element, one.key, said), this.words.not_said);
    });
  }

  tasks(element) {
    return this.modeler.get('elementRegistry').filter((one) => one !== element && is(one, 'bpmn:UserTask'))
      .map((one) => ({ key: one.id, label: one.businessObject.name || one.id }));
  }

  variables() {
    const known = new Set(this.model.variables);
    return this.lists.variables.map((one) => ({ ...one, label: known.has(one.key) ? `${one.label} ✓` : one.label }));
  }

  processFields() {
    const { words, model } = this;
    if (!model.process) return [];
    const declared = model.variables;
    const items = declared.map((name) => node('li', {}, `${this.lists.variable_names[name] ?? name} `, node('code', {}, name), ' ',
      node('button', { class: 'link-button', type: 'button', 'aria-label': `${words.remove}: ${name}`,
        onclick: () => {
          this.change(() => model.declare(declared.filter((one) => one !== name)), true);
          this.box.querySelector('[data-field=declare]').focus();
        } }, words.remove)));
    const free = this.lists.variables.filter((one) => !declared.includes(one.key));
    return [
      node('h3', {}, words.process),
      text({ name: 'process-name', label: words.name, value: model.process.name ?? '',
        onChange: (name) => this.change(() => model.rename(name)) }),
      this.english(model.process, model.process.id, words.name_en_process, 'process-name-en'),
      node('h4', {}, words.variables), node('p', { class: 'hint' }, words.variables_hint), node('ul', { class: 'plain' }, ...items),
      choice({ name: 'declare', label: words.declare, value: '', options: free, none: words.choose, unknown: '',
        onChange: (name) => this.change(() => model.declare([...declared, name]), true) }),
    ];
  }
}

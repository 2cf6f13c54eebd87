// What may be drawn: only what the engine runs. The palette, the pad beside an element and the menu of kinds offer no more.
import ContextPadProvider from 'bpmn-js/lib/features/context-pad/ContextPadProvider';
import PaletteProvider from 'bpmn-js/lib/features/palette/PaletteProvider';
import { assign } from 'min-dash';

const PALETTE = [
  ['create.start-event', 'bpmn:StartEvent', 'event', 'bpmn-icon-start-event-none', 'start'],
  ['create.end-event', 'bpmn:EndEvent', 'event', 'bpmn-icon-end-event-none', 'end'],
  ['create.user-task', 'bpmn:UserTask', 'activity', 'bpmn-icon-user-task', 'user_task'],
  ['create.service-task', 'bpmn:ServiceTask', 'activity', 'bpmn-icon-service-task', 'service_task'],
  ['create.decision', 'bpmn:BusinessRuleTask', 'activity', 'bpmn-icon-business-rule-task', 'decision'],
  ['create.receive-task', 'bpmn:ReceiveTask', 'activity', 'bpmn-icon-receive-task', 'receive_task'],
  ['create.call', 'bpmn:CallActivity', 'activity', 'bpmn-icon-call-activity', 'call'],
  ['create.exclusive', 'bpmn:ExclusiveGateway', 'gateway', 'bpmn-icon-gateway-xor', 'exclusive'],
  ['create.parallel', 'bpmn:ParallelGateway', 'gateway', 'bpmn-icon-gateway-parallel', 'parallel'],
  ['create.event-based', 'bpmn:EventBasedGateway', 'gateway', 'bpmn-icon-gateway-eventbased', 'event_based'],
  ['create.timer', 'bpmn:IntermediateCatchEvent', 'event', 'bpmn-icon-intermediate-event-catch-timer', 'timer', 'bpmn:TimerEventDefinition'],
  ['create.message', 'bpmn:IntermediateCatchEvent', 'event', 'bpmn-icon-intermediate-event-catch-message', 'message', 'bpmn:MessageEventDefinition'],
];
const TOOLS = ['hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool'];
const APPENDED = ['create.user-task', 'create.service-task', 'create.exclusive', 'create.end-event', 'create.timer'];
const NOT_OFFERED = [
  'append.append-task', 'append.intermediate-event', 'append.end-event', 'append.gateway', 'append.receive-task',
  'append.timer-intermediate-event', 'append.condition-intermediate-event', 'append.signal-intermediate-event',
  'append.message-intermediate-event', 'append.compensation-activity',
];
const KINDS = [
  'replace-with-user-task', 'replace-with-service-task', 'replace-with-rule-task', 'replace-with-receive-task',
  'replace-with-call-activity', 'replace-with-exclusive-gateway', 'replace-with-parallel-gateway',
  'replace-with-event-based-gateway', 'replace-with-none-start', 'replace-with-none-end',
  'replace-with-timer-intermediate-catch', 'replace-with-message-intermediate-catch', 'replace-with-timer-boundary',
  'replace-with-message-boundary', 'replace-with-non-interrupting-timer-boundary',
  'replace-with-non-interrupting-message-boundary', 'replace-with-sequence-flow', 'replace-with-default-flow',
  'replace-with-conditional-flow', 'replace-with-expanded-pool',
];

const attributesOf = ([, type, , , , eventDefinitionType]) => (eventDefinitionType ? { type, eventDefinitionType } : { type });

class Palette extends PaletteProvider {
  constructor(words, palette, create, elementFactory, spaceTool, lassoTool, handTool, globalConnect, translate) {
    super(palette, create, elementFactory, spaceTool, lassoTool, handTool, globalConnect, translate);
    assign(this, { words, made: create, factory: elementFactory });
  }

  getPaletteEntries() {
    const entries = {};
    const stock = super.getPaletteEntries();
    for (const name of [...TOOLS, 'tool-separator']) if (stock[name]) entries[name] = stock[name];
    for (const line of PALETTE) {
      const start = (event) => this.made.start(event, this.factory.createShape(attributesOf(line)));
      entries[line[0]] = { group: line[2], className: line[3], title: this.words.draw[line[4]], action: { dragstart: start, click: start } };
    }
    return entries;
  }
}
Palette.$inject = ['words', 'palette', 'create', 'elementFactory', 'spaceTool', 'lassoTool', 'handTool', 'globalConnect', 'translate'];

class Pad extends ContextPadProvider {
  constructor(words, autoPlace, elementFactory, ...stock) {
    super(...stock);
    assign(this, { words, place: autoPlace, factory: elementFactory });
  }

  getContextPadEntries(element) {
    const entries = super.getContextPadEntries(element);
    const appends = NOT_OFFERED.some((name) => name in entries);
    for (const name of NOT_OFFERED) delete entries[name];
    if (!appends) return entries;
    const appended = {};
    for (const line of PALETTE.filter(([name]) => APPENDED.includes(name))) {
      appended[`append.${line[0]}`] = {
        group: 'model', className: line[3], title: this.words.draw[line[4]],
        action: { click: () => this.place.append(element, this.factory.createShape(attributesOf(line))) },
      };
    }
    return { ...appended, ...entries };
  }
}
Pad.$inject = ['words', 'autoPlace', 'elementFactory', ...ContextPadProvider.$inject];

class Kinds {
  constructor(popupMenu) {
    popupMenu.registerProvider('bpmn-replace', 500, this);
  }

  getPopupMenuEntries() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => KINDS.includes(name)));
  }

  getPopupMenuHeaderEntries() {
    return () => ({});
  }
}
Kinds.$inject = ['popupMenu'];

export default (words) => ({
  __init__: ['runKinds'],
  words: ['value', words],
  paletteProvider: ['type', Palette],
  contextPadProvider: ['type', Pad],
  runKinds: ['type', Kinds],
  translate: ['value', (template, values = {}) => (words.tools[template] ?? template)
    .replace(/{([^}]+)}/g, (_, key) => values[key] ?? `{${key}}`)],
});

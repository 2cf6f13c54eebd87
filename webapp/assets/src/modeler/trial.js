// Walks the diagram on example data: what waits is shown, what it gives is chosen, the path is drawn. Nothing is written.
import { node, valueField } from './fields.js';
import { post } from './post.js';

export default class Trial {
  constructor({ modeler, model, lists, href, box, go, serialise }) {
    Object.assign(this, { modeler, model, lists, href, box, go, serialise, words: lists.words.trial, start: {}, acts: [], seen: null });
    modeler.on('commandStack.changed', () => { if (this.seen) this.stop(this.words.changed); });
    this.render();
  }

  stop(said = '') {
    this.acts = [];
    this.seen = null;
    this.unmark();
    this.render(said);
  }

  async walk(acts) {
    const answer = await post(this.href, { xml: await this.serialise(), variables: this.start, acts }).catch(() => null);
    if (answer?.ok) {
      this.acts = acts;
      this.seen = answer.said;
      this.mark();
      this.render();
    } else this.render(answer?.said?.detail ?? this.lists.words.findings.unreachable);
    this.begin();
  }

  unmark() {
    const canvas = this.modeler.get('canvas');
    this.modeler.get('elementRegistry').forEach((shape) => ['trial-taken', 'trial-done', 'trial-here'].forEach((name) => canvas.removeMarker(shape, name)));
  }

  mark() {
    this.unmark();
    const canvas = this.modeler.get('canvas');
    const shapes = this.modeler.get('elementRegistry');
    const marked = (id, name) => { if (shapes.get(id)) canvas.addMarker(id, name); };
    this.seen.flows.forEach((id) => marked(id, 'trial-taken'));
    this.seen.states.forEach((one) => marked(one.element, one.state === 'done' || one.state === 'cancelled' ? 'trial-done' : 'trial-here'));
  }

  values(name) {
    return this.lists.variables.find((one) => one.key === name)?.values ?? [];
  }

  called(name, value) {
    return this.values(name).find((one) => one.key === value)?.label ?? value;
  }

  field(name, into) {
    return valueField({ name: `trial-${name}`, label: this.lists.variable_names[name] ?? name, value: into[name] ?? '', values: this.values(name),
      words: this.lists.words.panel, onChange: (said) => { into[name] = said; } });
  }

  button(words, act, main = false) {
    return node('button', { class: main ? 'btn btn-primary' : 'btn btn-outline-secondary', type: 'button', onclick: act }, words);
  }

  render(said = '') {
    const made = [node('p', { class: 'hint' }, this.words.hint)];
    if (said) made.push(node('div', { class: 'note note-warning', role: 'alert' }, said));
    if (!this.seen) {
      made.push(node('h3', {}, this.words.start_data), ...this.model.variables.map((name) => this.field(name, this.start)),
        node('div', { class: 'actions' }, this.button(this.words.start, () => this.walk([]), true)));
    } else {
      made.push(...this.progress());
    }
    this.box.replaceChildren(...made);
    if (!this.box.hidden) this.box.parentElement.scrollTop = 0;
  }

  // What was pressed is gone: who works by keyboard goes on at what waits now.
  begin() {
    if (document.activeElement === document.body) this.box.querySelector('button, select, input')?.focus();
  }

  progress() {
    const { seen, words } = this;
    const made = [];
    if (seen.fault) {
      made.push(node('div', { class: 'note note-danger', role: 'alert' }, seen.fault, node('div', { class: 'small', lang: 'en' }, seen.detail)));
    }
    if (seen.end) made.push(node('div', { class: 'note note-ok', role: 'status' }, words.ended.replace('{end}', seen.end)));
    made.push(...seen.waiting.map((one) => this.card(one)));
    const done = this.acts.map((one) => node('li', {}, one.name, ...Object.entries(one.values ?? {}).map(([name, value]) => ` · ${this.lists.variable_names[name] ?? name}: ${this.called(name, value)}`)));
    if (done.length) made.push(node('h3', {}, words.so_far), node('ol', {}, ...done));
    made.push(node('div', { class: 'actions' },
      this.acts.length ? this.button(words.back, () => this.walk(this.acts.slice(0, -1))) : null, this.button(words.again, () => { this.stop(); this.begin(); })));
    return made;
  }

  card(one) {
    const given = {};
    const name = one.name || one.element;
    const act = () => this.walk([...this.acts, {
      kind: one.kind, process: one.process, element: one.element, name,
      values: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    }]);
    const inside = one.process !== this.model.process.id;
    return node('section', { class: 'trial-card' },
      node('h3', {}, inside ? name : node('button', { class: 'link-button', type: 'button', onclick: () => this.go(one.element) }, name)),
      node('p', { class: 'muted' }, [this.words.kinds[one.kind], one.role, inside ? one.process_name : '', one.due].filter(Boolean).join(' · ')),
      ...one.outputs.map((output) => this.field(output, given)),
      node('div', { class: 'actions' }, this.button(this.words.acts[one.kind], act, true)));
  }
}

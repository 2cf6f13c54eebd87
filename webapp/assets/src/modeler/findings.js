// What the checker finds, on the elements and as a list that leads to them, while the diagram is edited.
import { node } from './fields.js';
import { later, post } from './post.js';

const TYPE = 'finding';

export default class Findings {
  constructor({ modeler, href, box, count, words, go, serialise }) {
    Object.assign(this, { modeler, href, box, count, words, go, serialise, asked: 0, found: [] });
    this.soon = later(() => this.check(), 350);
    modeler.on('commandStack.changed', this.soon);
  }

  async check() {
    this.asked += 1;
    const mine = this.asked;
    const answer = await post(this.href, { xml: await this.serialise() }).catch(() => null);
    if (mine !== this.asked) return; // a later question is on its way
    if (!answer?.ok) {
      this.box.replaceChildren(node('p', { class: 'note note-danger' }, answer?.said?.detail ?? this.words.unreachable));
      return;
    }
    this.found = answer.said.findings;
    this.show();
  }

  show() {
    const overlays = this.modeler.get('overlays');
    const canvas = this.modeler.get('canvas');
    const shapes = this.modeler.get('elementRegistry');
    overlays.remove({ type: TYPE });
    shapes.forEach((shape) => canvas.removeMarker(shape, 'has-finding'));
    const byElement = Map.groupBy ? Map.groupBy(this.found, (one) => one.element) : grouped(this.found);
    for (const [id, found] of byElement) {
      const shape = shapes.get(id);
      if (!shape) continue;
      canvas.addMarker(shape, 'has-finding');
      const badge = node('button', { class: 'finding-badge', type: 'button', title: found.map((one) => one.sentence).join('\n'),
        'aria-label': this.words.on_element.replace('{count}', found.length), onclick: () => this.go(id) }, String(found.length));
      overlays.add(shape, TYPE, { position: shape.waypoints ? { top: -10, left: 0 } : { top: -12, right: 12 }, html: badge });
    }
    this.count.textContent = this.found.length ? ` (${this.found.length})` : '';
    this.box.replaceChildren(this.found.length ? this.list() : node('p', {}, node('span', { class: 'state state-ok' }, this.words.none)));
    this.box.dataset.checked = String(this.asked);
    this.modeler.get('eventBus').fire('findings.changed', { count: this.found.length });
  }

  // An element is known by its name, and by its id to whoever looks for it in the file.
  called(one) {
    const name = this.modeler.get('elementRegistry').get(one.element)?.businessObject.name;
    return name ? `${name} (${one.element})` : one.name || one.element || this.words.file;
  }

  list() {
    return node('ul', { class: 'plain findings' }, ...this.found.map((one) => node('li', {},
      node('span', { class: 'state state-danger' }, this.words.error), ' ',
      node('button', { class: 'link-button', type: 'button', onclick: () => this.go(one.element) }, this.called(one)), ': ',
      one.sentence, node('div', { class: 'small muted', lang: 'en' }, one.detail))));
  }
}

function grouped(found) {
  const made = new Map();
  for (const one of found) made.set(one.element, [...(made.get(one.element) ?? []), one]);
  return made;
}

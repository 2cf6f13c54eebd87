// Compares with the version in force, and proposes for approval.
import { node } from './fields.js';
import { post } from './post.js';

const CHANGES = ['added', 'altered', 'moved'];

export class Comparison {
  constructor({ modeler, href, box, words, serialise, onShown }) {
    Object.assign(this, { modeler, href, box, words, serialise, onShown });
    box.querySelector('button').addEventListener('click', () => this.compare());
    modeler.on('commandStack.changed', () => this.mark({}));
  }

  mark(marks) {
    const canvas = this.modeler.get('canvas');
    const shapes = this.modeler.get('elementRegistry');
    shapes.forEach((shape) => CHANGES.forEach((name) => canvas.removeMarker(shape, `change-${name}`)));
    for (const [id, change] of Object.entries(marks)) if (shapes.get(id)) canvas.addMarker(id, `change-${change}`);
  }

  async compare() {
    const answer = await post(this.href, { xml: await this.serialise() }).catch(() => null);
    const into = this.box.querySelector('[data-into]');
    if (answer?.ok) {
      into.innerHTML = answer.said.html; // drawn and escaped by the server
      this.onShown();
      this.mark(answer.said.marks);
    } else into.replaceChildren(node('div', { class: 'note note-danger', role: 'alert' }, answer?.said?.detail ?? this.words.unreachable));
  }
}

export class Proposal {
  constructor({ modeler, href, form, words, serialise, onDone }) {
    Object.assign(this, { href, form, words, serialise, onDone });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.propose();
    });
    modeler.on('findings.changed', ({ count }) => {
      form.querySelector('[data-faults]').hidden = count === 0;
      form.querySelector('[type=submit]').disabled = count > 0;
    });
  }

  async propose() {
    const { form } = this;
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    const values = { content: await this.serialise(), based_on: form.dataset.basedOn, reason: form.reason.value, key: form.dataset.key };
    const answer = await post(this.href, values).catch(() => null);
    if (answer?.ok) {
      this.onDone();
      location.assign(answer.said.location);
      return;
    }
    button.disabled = false;
    const said = answer?.said ?? {};
    const beside = Object.values(said.fields ?? {}).flat();
    const error = form.querySelector('[data-error]');
    error.textContent = beside.join(' ') || said.detail || this.words.unreachable;
    error.hidden = false;
    form.reason.setAttribute('aria-invalid', 'true');
    form.reason.focus();
  }
}

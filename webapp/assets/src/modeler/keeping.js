// Nothing drawn is lost: each change is kept in this browser until it is proposed or given up, and leaving warns.
import { keptAs } from './drafts.js';
import { later } from './post.js';

export default class Keeping {
  constructor({ modeler, key, person, basedOn, serialise, called, state, words }) {
    Object.assign(this, { key: keptAs(person, key), basedOn, serialise, called, state, words, dirty: false });
    this.soon = later(() => { if (this.dirty) this.keep(); }, 250); // not what was proposed or given up meanwhile
    modeler.on('commandStack.changed', () => { this.dirty = true; this.soon(); });
    addEventListener('beforeunload', (event) => { if (this.dirty) event.preventDefault(); });
  }

  get draft() {
    try { return JSON.parse(localStorage.getItem(this.key) ?? 'null'); } catch { return null; }
  }

  async keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify({ xml: await this.serialise(), basedOn: this.basedOn, name: this.called(), at: new Date().toISOString() }));
      this.state.textContent = this.words.kept.replace('{at}', new Date().toLocaleTimeString(document.documentElement.lang));
    } catch {
      this.state.textContent = this.words.not_kept;
    }
  }

  forget() {
    this.dirty = false;
    localStorage.removeItem(this.key);
  }
}

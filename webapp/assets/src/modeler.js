// The modeller page of administrators: bpmn-js with lists, checks and trials of our own around it.
import Modeler from 'bpmn-js/lib/Modeler';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import './modeler.css';

import { bearNames, keyed, keyOf } from './modeler/copying.js';
import Findings from './modeler/findings.js';
import Keeping from './modeler/keeping.js';
import Model from './modeler/model.js';
import drawing from './modeler/palette.js';
import Panel from './modeler/panel.js';
import { Comparison, Proposal } from './modeler/propose.js';
import spiffworkflow from './modeler/spiffworkflow.json';
import Trial from './modeler/trial.js';

const WIDE = matchMedia('(min-width: 62rem)');
const whenWide = (act) => (WIDE.matches ? act() : WIDE.addEventListener('change', act, { once: true }));

const FONT = '"Source Sans 3 Variable", Arial, sans-serif';
const READABLE = 0.72;
const BESIDE_PALETTE = 125;

// Opens where the process begins, beside the palette, no smaller than can be read; what is not shown has no size to fit.
function begin(canvas) {
  whenWide(() => {
    canvas.resized();
    canvas.zoom('fit-viewport');
    const { inner, outer, scale } = canvas.viewbox();
    const shown = Math.max(Math.min(scale * 0.85, 1), READABLE);
    canvas.viewbox({ x: inner.x - BESIDE_PALETTE / shown, y: inner.y - 15 / shown, width: outer.width / shown, height: outer.height / shown });
  });
}

async function open(page) {
  const { xml: file, lists: listsAt, lint, trial, compare, propose, begin: beginAt, key, person, basedOn } = page.dataset;
  const [lists, deployed] = await Promise.all([
    fetch(listsAt).then((answer) => answer.json()), file ? fetch(file).then((answer) => answer.text()) : '',
  ]);
  const part = (name) => page.querySelector(`[data-part=${name}]`);
  const modeler = new Modeler({
    container: part('canvas'), moddleExtensions: { spiffworkflow }, textRenderer: { defaultStyle: { fontFamily: FONT } }, additionalModules: [drawing(lists.words)],
  });
  window.thiduaModeler = modeler;
  const serialise = async () => (await modeler.saveXML({ format: true })).xml;
  const processOf = () => modeler.getDefinitions()?.get('rootElements').find((one) => one.$type === 'bpmn:Process');
  const called = () => processOf()?.name ?? '';
  const keeping = new Keeping({ modeler, key, person, basedOn, serialise, called, state: part('kept'), words: lists.words.keeping });
  const show = async (xml) => {
    await modeler.importXML(xml);
    begin(modeler.get('canvas'));
  };
  const draft = keeping.draft;
  if (!draft && !deployed) return location.replace(beginAt); // a new process that this browser knows nothing of
  await show(draft && draft.basedOn === basedOn ? draft.xml : deployed);

  const titled = () => { // a process that is drawn is called as the drawing says
    const heading = page.parentElement.querySelector('h1[data-title]');
    if (heading && called()) heading.textContent = heading.dataset.title.replace('{}', () => called());
  };
  modeler.on('commandStack.changed', titled);
  titled();

  const model = new Model(modeler);
  const panel = new Panel({ modeler, model, lists, box: part('panel') });
  const go = (id) => {
    document.getElementById('tab-element').click();
    panel.go(id);
  };
  const findings = new Findings({ modeler, href: lint, box: part('findings'), count: part('count'), words: lists.words.findings, go, serialise });
  const trying = new Trial({ modeler, model, lists, href: trial, box: part('trial'), go, serialise });
  new Comparison({ modeler, href: compare, box: part('compare'), words: lists.words.findings, serialise, onShown: () => trying.unmark() });
  new Proposal({ modeler, href: propose, form: part('propose'), words: lists.words.findings, serialise, onDone: () => keeping.forget() });

  const putAway = (name) => { // a note whose button was pressed takes the focus with it, unless it is led on
    const pressed = part(name).contains(document.activeElement);
    part(name).hidden = true;
    if (pressed) page.querySelector('[role=tab][aria-selected=true]').focus();
  };
  const anew = async (xml) => {
    await show(xml);
    titled();
    panel.render();
    trying.stop();
    await findings.check();
  };
  const acts = {
    undo: () => modeler.get('commandStack').undo(),
    redo: () => modeler.get('commandStack').redo(),
    fit: () => modeler.get('canvas').zoom('fit-viewport'),
    download: async () => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await serialise()], { type: 'application/xml' }));
      link.download = `${model.process.id}.bpmn`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    file: () => part('file').click(),
    discard: async () => {
      if (!confirm(lists.words.keeping.discard_sure)) return;
      keeping.forget();
      if (!deployed) return location.assign(beginAt);
      await anew(deployed);
      putAway('restored');
      return undefined;
    },
  };
  page.querySelectorAll('[data-act]').forEach((button) => button.addEventListener('click', () => acts[button.dataset.act]()));
  part('file').addEventListener('change', async () => {
    const [chosen] = part('file').files;
    if (!chosen) return;
    const before = await serialise();
    try {
      const given = await chosen.text();
      const names = { name: called(), english: model.property(model.process, 'name_en') };
      await show(basedOn ? given : keyed(given, key)); // a new process may begin as a copy of another
      if (!basedOn) {
        model.rename(names.name, true);
        model.setProperty(model.process, 'name_en', names.english);
        const copied = await fetch(listsAt.replace(`/${key}/`, `/${encodeURIComponent(keyOf(given))}/`));
        if (copied.ok) bearNames(modeler, model, (await copied.json()).english);
      }
      if (model.process?.id !== key) throw new Error(lists.words.keeping.other_process.replace('{process}', model.process?.id ?? '?'));
      await anew(await serialise());
      keeping.dirty = true;
      await keeping.keep();
    } catch (error) {
      await anew(before);
      part('kept').textContent = `${lists.words.keeping.not_opened} ${error.message}`;
    }
    part('file').value = '';
  });
  if (draft && draft.basedOn === basedOn) {
    part('restored').hidden = false;
    keeping.dirty = true;
  }
  if (draft && draft.basedOn !== basedOn) part('outdated').hidden = false;
  page.querySelector('[data-act-outdated]')?.addEventListener('click', async () => {
    putAway('outdated');
    await anew(draft.xml);
    keeping.dirty = true;
  });
  await findings.check();
  if (!draft && !basedOn) await keeping.keep(); // a new process is found again though nothing was changed yet
  page.dataset.ready = '1';
  return undefined;
}

const page = document.querySelector('[data-modeller]');
if (page) whenWide(() => open(page));

// The deployed diagram in the bpmn.io viewer, for modellers and for comparing it with the server's own drawing.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

async function show(element) {
  const viewer = new NavigatedViewer({ container: element });
  const answer = await fetch(element.dataset.bpmn);
  if (!answer.ok) return;
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport');
  for (const [id, state] of Object.entries(JSON.parse(element.dataset.states ?? '{}'))) {
    if (viewer.get('elementRegistry').get(id)) canvas.addMarker(id, `state-${state}`);
  }
  element.dataset.ready = '1';
  window.thiduaViewer = viewer;
}

document.querySelectorAll('[data-bpmn]').forEach(show);

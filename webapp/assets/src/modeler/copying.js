// A file of another process as the beginning of a new one: it takes the key, and the names that were given.
import { is } from 'bpmn-js/lib/util/ModelUtil';

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

const processOf = (file) => file.getElementsByTagNameNS(BPMN, 'process')[0];
const parsed = (xml) => new DOMParser().parseFromString(xml, 'application/xml');

export const keyOf = (xml) => processOf(parsed(xml))?.getAttribute('id') ?? '';

// The same file with its one process under another key; what is no such file is left to the import, which says so.
export function keyed(xml, key) {
  const file = parsed(xml);
  const process = processOf(file);
  const before = process?.getAttribute('id');
  if (!before || before === key) return xml;
  process.setAttribute('id', key);
  for (const one of file.getElementsByTagName('*')) {
    for (const name of ['processRef', 'bpmnElement']) if (one.getAttribute(name) === before) one.setAttribute(name, key);
  }
  return new XMLSerializer().serializeToString(file);
}

// Elements whose English names lie in files, under the process they are copied from, bear them in the copy.
export function bearNames(modeler, model, english) {
  modeler.get('elementRegistry').filter((one) => is(one, 'bpmn:FlowNode') && one.type !== 'label').forEach((one) => {
    if (english[one.id] && !model.property(one, 'name_en')) model.setProperty(one, 'name_en', english[one.id]);
  });
}

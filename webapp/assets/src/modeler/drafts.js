// Drawings of new processes that this browser keeps: a way back to each, on the pages that begin one.
const AREA = 'thidua-modeller';

export const keptAs = (person, key) => `${AREA}:${person}:${key}`;

function drafts(person) {
  const found = [];
  for (let place = 0; place < localStorage.length; place += 1) {
    const name = localStorage.key(place);
    if (name?.startsWith(keptAs(person, ''))) {
      try {
        const kept = JSON.parse(localStorage.getItem(name));
        if (kept?.basedOn === '') found.push({ key: name.slice(keptAs(person, '').length), ...kept });
      } catch { /* none of ours */ }
    }
  }
  return found.sort((one, other) => String(other.at).localeCompare(String(one.at)));
}

export function show(box) {
  let kept = [];
  try { kept = drafts(box.dataset.person); } catch { /* a browser that keeps nothing */ }
  const made = kept.map((one) => {
    const line = document.createElement('li');
    const link = document.createElement('a');
    link.href = box.dataset.href.replace('_key_', encodeURIComponent(one.key));
    link.textContent = one.name || one.key;
    const at = new Date(one.at).toLocaleString(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' });
    line.append(link, ` · ${one.key} · ${at}`);
    return line;
  });
  box.querySelector('ul').replaceChildren(...made);
  box.hidden = !made.length;
}

// Typing comfort: nothing sent twice, a warning before leaving unsaved text, rows of a list added and removed.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if (form.method === 'get') { // it may be asked again and again; what was typed goes into the address
    delete form.dataset.changed;
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '1';
  window.htmx?.trigger(form, 'htmx:abort');
  form.querySelectorAll('button[type=submit]').forEach((button) => button.setAttribute('aria-disabled', 'true'));
});
// What is sent needs no draft any more: an autosave that comes late would only find the task done.
document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.target.closest?.('form[data-sent]')) event.preventDefault();
});
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll('button[type=submit]').forEach((button) => button.removeAttribute('aria-disabled'));
  });
});

document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-main]');
  if (form) form.dataset.changed = '1';
});
document.addEventListener('htmx:afterRequest', (event) => {
  const form = event.target.closest?.('form[data-main]');
  if (form && event.detail.successful) delete form.dataset.changed;
});
window.addEventListener('beforeunload', (event) => {
  const form = document.querySelector('form[data-main][data-changed]');
  if (form && !form.dataset.sent) event.preventDefault();
});

document.querySelectorAll('[data-items]').forEach((group) => {
  const name = group.dataset.items;
  const renumber = () => group.querySelectorAll('.item-row').forEach((row, index) => {
    row.querySelectorAll('[name], [id], [for], [aria-describedby]').forEach((node) => {
      for (const attribute of ['name', 'id', 'for', 'aria-describedby']) {
        const value = node.getAttribute(attribute);
        if (value) node.setAttribute(attribute, value.replaceAll(new RegExp(`${name}-\\d+-`, 'g'), `${name}-${index}-`));
      }
    });
  });
  const remover = (row) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'link-button', textContent: group.dataset.remove });
    button.addEventListener('click', () => {
      if (group.querySelectorAll('.item-row').length > 1) row.remove();
      else row.querySelectorAll('input, textarea, select').forEach((node) => { node.value = ''; });
      renumber();
      group.dispatchEvent(new Event('input', { bubbles: true }));
    });
    row.append(button);
  };
  if (group.dataset.fixed !== undefined) return;
  group.querySelectorAll('.item-row').forEach(remover);
  const add = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm btn-outline-secondary', textContent: group.dataset.add });
  add.addEventListener('click', () => {
    const last = [...group.querySelectorAll('.item-row')].at(-1);
    const copy = last.cloneNode(true);
    copy.querySelectorAll('.link-button').forEach((button) => button.remove());
    copy.querySelectorAll('input, textarea, select').forEach((node) => { node.value = ''; node.checked = false; });
    last.after(copy);
    remover(copy);
    renumber();
    copy.querySelector('input, textarea, select')?.focus();
  });
  group.append(add);
});

// The page shows the chosen file itself: the browser would say it in the browser's own language.
const tellFile = (input) => {
  const place = input.parentElement.querySelector('.file-name');
  place.dataset.none ??= place.textContent;
  input.title = place.textContent = input.files[0]?.name ?? place.dataset.none;
};
document.addEventListener('change', (event) => {
  if (event.target.matches('.file-pick > input')) tellFile(event.target);
});
window.addEventListener('pageshow', () => document.querySelectorAll('.file-pick > input').forEach(tellFile));

// j/k move along rows, Enter opens, Ctrl+Enter sends, digits vote, / searches, ? shows the keys.
const typing = (target) => target.matches('input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]');

const rows = () => [...document.querySelectorAll('[data-row]')].filter((row) => row.offsetParent !== null);

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
  (next.querySelector('a, button') ?? next).focus();
  next.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest('form') ?? document.querySelector('form[data-main]');
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else if (event.key === '?') document.getElementById('keys-dialog')?.showModal();
  else if (event.key === '/') {
    event.preventDefault();
    document.querySelector('input[type=search]')?.focus();
  } else if (/^[1-9]$/.test(event.key)) {
    const option = document.querySelectorAll('form[data-vote] [data-choice] input[type=radio]')[Number(event.key) - 1];
    if (option) {
      option.checked = true;
      option.focus();
    }
  }
});

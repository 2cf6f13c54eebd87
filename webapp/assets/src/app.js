// The shell in the browser. Everything works without it; it adds comfort: live lists, autosave, keys.
import htmx from 'htmx.org';
import './app.css';
import './keys.js';
import './forms.js';
import { show as showDrafts } from './modeler/drafts.js';

window.htmx = htmx;

// A list that refreshes itself waits while somebody is on one of its rows or has ticked one, also when that happens after
// it has asked, so that nothing moves under the cursor and no choice is lost.
const disturbs = (event) => {
  const list = event.target.closest('[data-live]');
  return list && event.detail.requestConfig.triggeringEvent === undefined
    && (list.matches(':hover') || list.contains(document.activeElement) || list.querySelector('input:checked'));
};
document.body.addEventListener('htmx:beforeRequest', (event) => { if (disturbs(event)) event.preventDefault(); });
document.body.addEventListener('htmx:beforeSwap', (event) => { if (disturbs(event)) event.detail.shouldSwap = false; });

// Who has chosen out of a list no longer waits for the search that would draw it anew.
document.addEventListener('change', (event) => {
  const list = event.target.closest('.candidates')?.parentElement;
  if (list) document.querySelectorAll(`[hx-target="#${list.id}"]`).forEach((one) => htmx.trigger(one, 'htmx:abort'));
});

document.querySelectorAll('[data-drafts]').forEach(showDrafts);

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open-dialog]');
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.openDialog)?.showModal();
  }
  if (event.target.closest('[data-back]')) {
    event.preventDefault();
    history.back();
  }
  if (event.target.closest('[data-print]')) window.print();
  document.querySelectorAll('details.menu[open]').forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute('open');
  });
});

// Tabs: links to parts of the page without the script, one panel at a time with it.
document.querySelectorAll('[data-tabs]').forEach((group) => {
  const tabs = [...group.querySelectorAll('[role=tab]')];
  const show = (chosen) => tabs.forEach((tab) => {
    const panel = document.getElementById(tab.getAttribute('aria-controls'));
    const on = tab === chosen;
    tab.setAttribute('aria-selected', String(on));
    tab.tabIndex = on ? 0 : -1;
    panel.hidden = !on;
  });
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', (event) => { event.preventDefault(); show(tab); });
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      show(next);
      next.focus();
    });
  });
  if (tabs.length) show(tabs.find((tab) => tab.hash === location.hash) ?? tabs[0]);
});

// A wide diagram opens where the case is now, or where the first change is.
const toNow = (box) => {
  const now = box.querySelector('.state-active, .state-waiting, .element.state-added, .element.state-altered, .element.state-removed');
  if (!now) return;
  const place = now.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  box.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
  box.scrollTop += place.top - frame.top - (frame.height - place.height) / 2;
};
document.querySelectorAll('div.diagram').forEach((box) => {
  toNow(box);
  box.closest('details')?.addEventListener('toggle', () => toNow(box));
});

// A long list opens on the entry that is shown, without moving the page.
const moment = document.querySelector('.replay-list [aria-current]');
if (moment) moment.closest('.replay-list').scrollTop = moment.offsetTop - 120;

// Who has gone on from what must be mended before this script came stays there.
const summary = document.getElementById('error-summary');
if (summary && document.activeElement === document.body) summary.focus();

// @ts-check
// The list of what is probably no complaint: one key decides about one row.
import { load, send, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { refreshRail } from './rail.js';

/** @returns {HTMLElement[]} */
const rows = () => [...document.querySelectorAll('[data-unlikely]')].map((r) => /** @type {HTMLElement} */ (r));
let at = 0;

export function unlikely() {
  mark();
  keys({
    KeyJ: () => step(1),
    ArrowDown: () => step(1),
    KeyK: () => step(-1),
    ArrowUp: () => step(-1),
    KeyE: () => decide('take'),
    KeyX: () => decide('dismiss'),
  });
  document.addEventListener('submit', (e) => {
    const form = /** @type {HTMLFormElement} */ (e.target);
    if (!form.closest('[data-unlikely]')) return;
    e.preventDefault();
    at = rows().indexOf(/** @type {HTMLElement} */ (form.closest('[data-unlikely]')));
    carry(form);
  });
  watch(['cases', 'alarms'], async () => {
    await refreshRail();
    show(await load(location.pathname + location.search));
  });
}

function mark() {
  const list = rows();
  at = Math.min(Math.max(at, 0), Math.max(list.length - 1, 0));
  list.forEach((r, i) => r.classList.toggle('is-cur', i === at));
}

/** @param {number} by */
function step(by) {
  at += by;
  mark();
  rows()[at]?.scrollIntoView({ block: 'nearest' });
}

/** @param {string} what */
function decide(what) {
  const form = rows()[at]?.querySelector(`form[data-form="${what}"]`);
  if (form instanceof HTMLFormElement) carry(form);
}

/** @param {HTMLFormElement} form */
async function carry(form) {
  const doc = await send(form);
  if (doc.body.dataset.page !== 'unlikely') {
    location.reload();
    return;
  }
  swap(doc, ['flash', 'rail-live'], true);
  show(doc);
}

/** @param {Document} doc */
function show(doc) {
  swap(doc, ['live-main']);
  mark();
}

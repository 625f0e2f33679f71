// @ts-check
// Rules: the condition is looked at while it is written, and tried on what is
// stored without leaving the page. The server renders all of it.
import { load, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { refreshRail } from './rail.js';

const PARTS = ['r-check', 'r-trial'];
const PAUSE = 350; // ms after the last letter
const LOOK = 600; // ms between two looks at a trial

/** @returns {HTMLFormElement | null} */
const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById('rule-form'));

export function rules() {
  keys({ Slash: () => focus('[data-rules-filter] [type=search]') });
  filters();
  writing();
  document.addEventListener('submit', (e) => {
    const button = /** @type {SubmitEvent} */ (e).submitter;
    const own = /** @type {Element} */ (e.target).id === 'rule-form';
    if (!own || !(button instanceof HTMLButtonElement) || !button.formAction.endsWith('/try')) return;
    e.preventDefault();
    ask(button.name, button.value, PARTS);
  });
  follow();
  watch(['scans', 'rules', 'cases'], async () => {
    const [doc] = await Promise.all([load(location.pathname + location.search), refreshRail()]);
    swap(doc, ['r-scan']);
    if (!document.querySelector('[data-rules-filter] :focus')) swap(doc, ['r-list']);
  });
}

/** @param {string} selector */
function focus(selector) {
  const el = document.querySelector(selector);
  if (!(el instanceof HTMLElement)) return false;
  el.focus();
  return true;
}

function filters() {
  const list = /** @type {HTMLFormElement | null} */ (document.querySelector('[data-rules-filter]'));
  list?.addEventListener('change', () => list.requestSubmit());
}

function writing() {
  const text = document.querySelector('[data-expr]');
  let timer = 0;
  text?.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask('act', 'check', ['r-check']), PAUSE);
  });
}

let turn = 0;

/**
 * Sends the form as it is and puts what comes back in its place.
 * @param {string} name
 * @param {string} value
 * @param {string[]} parts
 */
async function ask(name, value, parts) {
  const f = form();
  if (!f?.dataset.try) return;
  const mine = ++turn;
  const body = new URLSearchParams();
  for (const [key, x] of new FormData(f)) body.append(key, String(x));
  const tab = document.querySelector('[data-tab][aria-pressed=true]');
  if (tab instanceof HTMLButtonElement && name !== 'tab') body.append('tab', tab.value);
  body.append(name, value);
  if (value === 'try') document.getElementById('r-trial')?.setAttribute('aria-busy', 'true');
  try {
    const res = await fetch(f.dataset.try, { method: 'POST', body, credentials: 'same-origin' });
    if (res.status === 401) return;
    const doc = new DOMParser().parseFromString(await res.text(), 'text/html');
    if (mine !== turn) return;
    swap(doc, parts, true);
    document.querySelector('[data-expr]')?.setAttribute('aria-invalid', String(!!document.getElementById('r-problem')));
    if (parts.includes('r-trial')) follow();
  } finally {
    document.getElementById('r-trial')?.removeAttribute('aria-busy');
  }
}

/** Looks at a trial until it is over. */
function follow() {
  if (document.querySelector('#r-trial[data-running]')) setTimeout(() => ask('act', 'look', PARTS), LOOK);
}

// @ts-check
// The queue: a current row, the pane beside it, filters that apply at once,
// and news that wait in a bar until they are asked for.
import { busy, load, send, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { openForm } from './menus.js';
import { refreshRail } from './rail.js';

const PHONE = '(max-width: 720px)';

/** @returns {HTMLElement[]} */
const rows = () => [...document.querySelectorAll('#queue .q')].map((r) => /** @type {HTMLElement} */ (r));
const queue = () => /** @type {HTMLElement} */ (document.getElementById('queue'));
const current = () => rows().find((r) => r.classList.contains('is-cur')) ?? null;

/** @type {Document | null} */
let waiting = null;
let asked = 0;

export function inbox() {
  sessionStorage.setItem('inbox', location.pathname + location.search);
  mark(rows()[0] ?? null);
  filters();
  clicks();
  keys({
    KeyJ: () => step(1),
    ArrowDown: () => step(1),
    KeyK: () => step(-1),
    ArrowUp: () => step(-1),
    Space: () => togglePane(),
    Enter: () => open(),
    KeyE: () => act('accept'),
    KeyP: () => act('assign'),
    KeyA: () => act('assign'),
    KeyN: () => showFresh(),
    KeyX: () => check(),
    Slash: () => /** @type {HTMLElement | null} */ (document.querySelector('.fbar summary'))?.focus(),
  });
  watch(['cases', 'alarms'], refresh);
}

/** Checks the current row for what is done with several. */
function check() {
  const box = /** @type {HTMLInputElement | null | undefined} */ (current()?.querySelector('.cbx'));
  if (!box) return false;
  box.checked = !box.checked;
  checked();
}

/** Says how many rows are checked. */
function checked() {
  const n = document.querySelectorAll('#queue .cbx:checked').length;
  const to = document.querySelector('[data-checked]');
  if (to) to.textContent = `Выделено ${n}`;
}

/** @param {HTMLElement | null} row */
function mark(row) {
  for (const r of rows()) r.classList.toggle('is-cur', r === row);
}

const pane = () => /** @type {HTMLElement} */ (document.getElementById('inbox'));

const paneShown = () => !matchMedia(PHONE).matches && !pane().classList.contains('no-prev');

function togglePane() {
  if (matchMedia(PHONE).matches) return false;
  pane().classList.toggle('no-prev');
  show(current());
}

/** @param {number} by */
function step(by) {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(/** @type {HTMLElement} */ (current()));
  const row = list[Math.min(Math.max(at + by, 0), list.length - 1)];
  mark(row);
  row.scrollIntoView({ block: 'nearest' });
  show(row);
}

function open() {
  const link = /** @type {HTMLAnchorElement | null | undefined} */ (current()?.querySelector('a.q-m'));
  if (link) location.assign(link.href);
}

/**
 * Shows a row's case in the pane; a slow answer never overtakes a newer one.
 * @param {HTMLElement | null} row
 */
async function show(row) {
  if (!row || !paneShown()) return;
  const mine = ++asked;
  const back = encodeURIComponent(location.pathname + location.search);
  const doc = await load(`/cases/${row.dataset.number}/preview?back=${back}`);
  if (mine === asked) swap(doc, ['preview'], true);
}

/** @param {string} command */
async function act(command) {
  const row = current();
  const box = document.getElementById('preview');
  if (!row) return;
  if (!box || box.dataset.number !== row.dataset.number || !paneShown()) {
    if (!paneShown()) togglePane();
    await show(row);
  }
  openForm(command, document.getElementById('preview') ?? document);
}

function clicks() {
  document.addEventListener('click', (e) => {
    const target = /** @type {Element} */ (e.target);
    if (target.closest('#fresh')) showFresh();
    if (target.closest('[data-close-preview]')) togglePane();
    const link = target.closest('#queue a.q-m');
    if (!link || !paneShown() || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    const row = /** @type {HTMLElement} */ (link.closest('.q'));
    if (row === current() && document.getElementById('preview')?.dataset.number === row.dataset.number) return;
    e.preventDefault();
    mark(row);
    show(row);
  });
  document.addEventListener('change', (e) => {
    if (/** @type {Element} */ (e.target).matches('#queue .cbx')) checked();
  });
  // A form of the pane comes back to the same list at the same place.
  document.addEventListener('submit', async (e) => {
    const form = /** @type {HTMLFormElement} */ (e.target);
    if (!form.closest('#preview')) return;
    e.preventDefault();
    const number = current()?.dataset.number;
    const doc = await send(form);
    if (doc.body.dataset.page !== 'inbox') {
      location.assign(form.action.replace(/\/[^/]*$/, ''));
      return;
    }
    swap(doc, ['flash', 'rail-live'], true);
    merge(doc);
    const row = rows().find((r) => r.dataset.number === number) ?? null;
    mark(row);
    await show(row);
  });
}

function filters() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-filter]'));
  form?.addEventListener('change', () => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value && !(name === 'sort' && value === 'due')) query.append(name, String(value));
    }
    apply('/inbox' + (query.size ? '?' + query : ''));
  });
}

/** @param {string} url */
async function apply(url) {
  const doc = await load(url);
  history.replaceState(null, '', url);
  sessionStorage.setItem('inbox', url);
  swap(doc, ['queue', 'chips', 'sorts', 'inbox-bar', 'preview'], true);
  waiting = null;
  mark(rows()[0] ?? null);
}

async function refresh() {
  const url = queue().dataset.url ?? '/inbox';
  const [doc] = await Promise.all([load(url.replace('/inbox', '/inbox/rows')), refreshRail()]);
  merge(doc);
}

/**
 * Renews the rows that stand and counts those that wait. Nothing moves.
 * @param {Document} doc
 */
function merge(doc) {
  const old = queue();
  if (!old.querySelector('.q')) {
    swap(doc, ['queue'], true);
    mark(rows()[0] ?? null);
    show(rows()[0] ?? null);
    return;
  }
  /** @type {Map<string, HTMLElement>} */
  const fresh = new Map();
  for (const r of doc.querySelectorAll('#queue .q')) fresh.set(/** @type {HTMLElement} */ (r).dataset.case ?? '', /** @type {HTMLElement} */ (r));
  for (const row of rows()) {
    const key = row.dataset.case ?? '';
    const now = fresh.get(key);
    row.classList.toggle('is-gone', !now);
    fresh.delete(key);
    if (now && row.innerHTML !== now.innerHTML && !busy(row)) row.innerHTML = now.innerHTML;
  }
  waiting = doc;
  tell(countNew(doc, [...fresh.values()]), old.dataset.at ?? '');
}

/**
 * How many rows have come to the list. On a list of one page they are simply
 * those that do not stand here yet; on a longer one a row may also have moved
 * up from the next page, so only what is surely new counts.
 * @param {Document} doc
 * @param {HTMLElement[]} unseen
 */
function countNew(doc, unseen) {
  if (!doc.querySelector('.pager')) return unseen.length;
  const newest = Math.max(...rows().map((r) => Number(r.dataset.number)));
  const newer = unseen.filter((r) => Number(r.dataset.number) > newest).length;
  const more = Number(doc.getElementById('queue')?.dataset.total) - Number(queue().dataset.total);
  return Math.max(newer, more);
}

/**
 * @param {number} n
 * @param {string} since the time of the list that stands
 */
function tell(n, since) {
  const bar = document.getElementById('fresh');
  const text = bar?.querySelector('[data-text]');
  if (!bar || !text) return;
  bar.hidden = n < 1;
  if (n < 1) return;
  const bold = document.createElement('b');
  bold.textContent = `${n} ${plural(n, 'новое', 'новых', 'новых')}`;
  text.replaceChildren(bold, ` ${plural(n, 'сообщение', 'сообщения', 'сообщений')} с\u00a0${since}. Показать`);
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} few
 * @param {string} many
 */
function plural(n, one, few, many) {
  if (n % 100 >= 11 && n % 100 <= 14) return many;
  if (n % 10 === 1) return one;
  return n % 10 >= 2 && n % 10 <= 4 ? few : many;
}

async function showFresh() {
  if (!waiting) return;
  const number = current()?.dataset.number;
  swap(waiting, ['queue'], true);
  waiting = null;
  queue().scrollTop = 0;
  mark(rows().find((r) => r.dataset.number === number) ?? rows()[0] ?? null);
  await show(current());
}

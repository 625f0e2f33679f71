// @ts-check
// The plan: posts are dragged to another day or hour, or moved in a small
// window; filters apply at once; what others do appears by itself.
import { Failure, load, post, send, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { refreshRail } from './rail.js';

const PARTS = ['plan-bar', 'plan-main', 'plan-side', 'chips', 'flash'];

/** @returns {HTMLElement[]} */
const rows = () => [...document.querySelectorAll('#plan [data-row]')].filter((r) => r.checkVisibility()).map((r) => /** @type {HTMLElement} */ (r));
const here = () => document.getElementById('plan')?.dataset.url ?? '/plan';

export function plan() {
  drag();
  moves(() => show(here()));
  filters();
  keys({
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    Enter: () => follow(current()?.querySelector('[data-open]')),
    KeyM: () => press(current()?.querySelector('[data-move]')),
    KeyN: () => follow(document.querySelector('[data-new]')),
    ArrowLeft: () => follow(document.querySelector('[data-earlier]')),
    ArrowRight: () => follow(document.querySelector('[data-later]')),
    Slash: () => /** @type {HTMLElement | null} */ (document.querySelector('.fbar summary'))?.focus(),
  });
  watch(['posts', 'halts'], async () => {
    if (document.querySelector('.is-grab') || document.querySelector('#move[open]')) return;
    const [doc] = await Promise.all([load(here()), refreshRail()]);
    put(doc, PARTS.slice(1, 3), false);
  });
}

const current = () => rows().find((r) => r.classList.contains('is-cur')) ?? null;

/** @param {number} by */
function step(by) {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(/** @type {HTMLElement} */ (current()));
  const row = list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)];
  for (const r of list) r.classList.toggle('is-cur', r === row);
  row.scrollIntoView({ block: 'nearest' });
  // The focus goes with it, for whoever listens to the page.
  /** @type {HTMLElement | null} */ (row.querySelector('[data-open]'))?.focus({ preventScroll: true });
}

/** @param {Element | null | undefined} link */
function follow(link) {
  if (!(link instanceof HTMLAnchorElement)) return false;
  location.assign(link.href);
  return true;
}

/** @param {Element | null | undefined} link */
function press(link) {
  if (!(link instanceof HTMLElement)) return false;
  link.click();
  return true;
}

/**
 * @param {Document} doc
 * @param {string[]} parts
 * @param {boolean} [asked] the person asked for it; else an open menu stays
 */
function put(doc, parts, asked = true) {
  const number = current()?.dataset.number;
  swap(doc, parts, asked);
  for (const r of rows()) r.classList.toggle('is-cur', !!number && r.dataset.number === number);
}

/** @param {string} url */
async function show(url) {
  const doc = await load(url);
  history.replaceState(null, '', url);
  const frame = document.getElementById('plan');
  if (frame) frame.dataset.url = url;
  put(doc, PARTS);
  await refreshRail();
}

function filters() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-filter]'));
  const apply = () => {
    if (!form) return;
    const query = new URLSearchParams();
    const today = new Date().toISOString().slice(0, 10);
    for (const [name, value] of new FormData(form)) {
      if (value && !(name === 'view' && value === 'month') && !(name === 'at' && value === today)) query.append(name, String(value));
    }
    show('/plan' + (query.size ? '?' + query : ''));
  };
  form?.addEventListener('change', apply);
  form?.addEventListener('submit', (e) => { e.preventDefault(); apply(); });
}

/** Drags with a mouse. Without one there is «Перенести на…». */
function drag() {
  /** @type {HTMLElement | null} */
  let held = null;
  document.addEventListener('dragstart', (e) => {
    held = /** @type {Element} */ (e.target).closest?.('[draggable=true][data-number]') ?? null;
    if (!held || !e.dataTransfer) return;
    e.dataTransfer.effectAllowed = 'move';
    e.dataTransfer.setData('text/plain', held.dataset.number ?? '');
    held.classList.add('is-grab');
  });
  document.addEventListener('dragover', (e) => {
    const day = place(e);
    if (!held || !day) return;
    e.preventDefault();
    if (day.classList.contains('drop')) return;
    clear();
    day.classList.add('drop');
    const zone = document.createElement('p');
    zone.className = 'dz';
    zone.textContent = 'Отпустите: ' + day.dataset.words;
    day.append(zone);
  });
  document.addEventListener('drop', (e) => {
    const day = place(e);
    if (!held || !day) return;
    e.preventDefault();
    moveTo(held, day);
  });
  document.addEventListener('dragend', () => {
    held?.classList.remove('is-grab');
    held = null;
    clear();
  });
}

/** @param {DragEvent} e */
const place = (e) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (e.target).closest?.('[data-day]') ?? null);

function clear() {
  for (const d of document.querySelectorAll('.drop')) d.classList.remove('drop');
  for (const z of document.querySelectorAll('.dz')) z.remove();
}

/**
 * @param {HTMLElement} card
 * @param {HTMLElement} day
 */
async function moveTo(card, day) {
  const fields = { version: card.dataset.version ?? '', back: here() };
  const time = day.dataset.hour ? day.dataset.hour : card.dataset.time || '10:00';
  if (day.dataset.day === card.dataset.date && (!day.dataset.hour || day.dataset.hour.slice(0, 2) === card.dataset.time?.slice(0, 2))) return;
  const where = day.dataset.day ? { date: day.dataset.day, time } : { off: '1' };
  if (!day.dataset.day && !card.dataset.date) return;
  try {
    // The answer is the plan as it is now, which also says what can be undone.
    const text = await post(`/posts/${card.dataset.number}/move`, { ...fields, ...where });
    put(new DOMParser().parseFromString(text, 'text/html'), PARTS);
  } catch (err) {
    say(err instanceof Failure ? err.message : 'Нет связи, пост остался на месте.');
    await show(here());
  }
}

/** @param {string} text */
function say(text) {
  const place = document.getElementById('flash');
  const line = document.createElement('p');
  line.className = 'toast bad';
  line.textContent = text;
  place?.replaceChildren(line);
}

/**
 * Opens «Перенести на…» in a window over the page.
 * @param {() => void} [moved]
 */
export function moves(moved) {
  const box = /** @type {HTMLDialogElement | null} */ (document.getElementById('move'));
  if (!box) return;
  document.addEventListener('click', async (e) => {
    const target = /** @type {Element} */ (e.target);
    if (target.closest('#move [data-cancel]')) {
      e.preventDefault();
      box.close();
      return;
    }
    const link = target.closest('a[data-move]');
    if (!(link instanceof HTMLAnchorElement) || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    const doc = await load(link.href);
    fill(box, doc);
    box.showModal();
  });
  box.addEventListener('submit', async (e) => {
    e.preventDefault();
    const form = /** @type {HTMLFormElement} */ (e.target);
    const off = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (e).submitter);
    if (off?.name) {
      const field = document.createElement('input');
      field.type = 'hidden';
      field.name = off.name;
      field.value = off.value;
      form.append(field);
    }
    const doc = await send(form);
    if (doc.getElementById('move-form')) {
      fill(box, doc);
      return;
    }
    box.close();
    if (moved && doc.getElementById('plan')) {
      put(doc, PARTS);
      refreshRail();
    } else {
      location.reload();
    }
  });
}

/**
 * @param {HTMLDialogElement} box
 * @param {Document} doc
 */
function fill(box, doc) {
  const form = doc.getElementById('move-form');
  if (form) box.replaceChildren(document.adoptNode(form));
}

// @ts-check
// The page of a case: what others do appears by itself, the text being
// written is never touched and is kept on the server while it grows.
import { busy, Failure, load, post, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { openForm } from './menus.js';
import { refreshRail } from './rail.js';

const QUIET = 1200; // ms without typing before a draft is kept

/** @type {string} what the server is known to have */
let kept = '';

export function casePage() {
  const back = sessionStorage.getItem('inbox');
  if (back) document.querySelector('[data-back]')?.setAttribute('href', back);
  editor();
  keys({
    KeyJ: () => follow('[data-next]'),
    KeyK: () => follow('[data-prev]'),
    KeyE: () => openForm('accept'),
    KeyP: () => openForm('assign'),
    KeyA: () => openForm('assign'),
  });
  document.querySelector('[data-dismiss]')?.addEventListener('click', () => {
    const box = document.getElementById('changed');
    box?.setAttribute('hidden', '');
    box?.querySelector('[data-changes]')?.replaceChildren();
  });
  watch(['cases', 'deliveries', 'alarms'], refresh);
}

/** @param {string} selector */
function follow(selector) {
  const link = document.querySelector(selector);
  if (!(link instanceof HTMLAnchorElement)) return false;
  location.assign(link.href);
  return true;
}

const field = () => /** @type {HTMLTextAreaElement | null} */ (document.querySelector('[data-answer]'));

function editor() {
  const area = field();
  const form = area?.form;
  if (!area || !form) return;
  kept = area.value;
  let timer = 0;
  /** @type {Promise<void> | null} */
  let saving = null;
  const save = (leaving = false) => {
    clearTimeout(timer);
    if (saving && !leaving) return saving;
    saving = keep(leaving).finally(() => { saving = null; });
    return saving;
  };
  const keep = async (/** @type {boolean} */ leaving) => {
    const text = area.value;
    if (text === kept || !area.isConnected) return;
    try {
      const at = await post(form.dataset.draft ?? '', { text }, leaving);
      kept = text;
      say(`Черновик сохранён в ${at}`);
    } catch (err) {
      say(err instanceof Failure && err.status === 401
        ? 'Вход закончился: войдите в соседней вкладке, текст здесь цел'
        : 'Черновик не сохранён: нет связи. Не закрывайте страницу');
      timer = setTimeout(() => save(), 10_000);
      return;
    }
    if (!leaving) check();
  };
  for (const button of form.querySelectorAll('[data-sample]')) button.addEventListener('click', (e) => {
    e.preventDefault();
    button.closest('details')?.removeAttribute('open');
    const text = /** @type {HTMLElement} */ (button).dataset.sample ?? '';
    area.value = area.value.trim() ? `${area.value.trimEnd()}\n\n${text}` : text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
    area.focus();
  });
  count(area, form);
  area.addEventListener('input', () => {
    count(area, form);
    clearTimeout(timer);
    timer = setTimeout(() => save(), QUIET);
  });
  area.addEventListener('keydown', (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') {
      e.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener('submit', (e) => {
    if (/** @type {SubmitEvent} */ (e).submitter?.hasAttribute('data-save')) {
      e.preventDefault();
      save();
      return;
    }
    clearTimeout(timer);
    if (saving) {
      // A draft that is on its way must not arrive after the answer.
      e.preventDefault();
      saving.then(() => form.requestSubmit());
      return;
    }
    kept = area.value;
  });
  addEventListener('pagehide', () => save(true));
}

// The server looks at the kept draft: there is one check, and it is there.
async function check() {
  try {
    swap(await load(location.pathname), ['c-check']);
  } catch {
    // The check stays as it was; it is made again when the answer is handed in.
  }
}

/** @param {string} text */
function say(text) {
  const place = document.getElementById('saved');
  if (place) place.textContent = text;
}

/**
 * Counts as the server does, and as the network: Telegram in UTF-16 units,
 * others in characters, of the text without its edges.
 * @param {HTMLTextAreaElement} area
 * @param {HTMLFormElement} form
 */
function count(area, form) {
  const limit = Number(form.dataset.limit);
  const text = area.value.trim();
  const n = form.dataset.units === 'utf16' ? text.length : [...text].length;
  const number = form.querySelector('[data-length]');
  if (number) {
    number.textContent = n < 1000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');
    number.classList.toggle('bad', n > limit);
  }
  const bar = form.querySelector('[data-bar]');
  bar?.setAttribute('width', String(Math.min(100, Math.round((n * 100) / limit))));
  bar?.classList.toggle('bad', n > limit);
}

async function refresh() {
  const bar = document.getElementById('c-bar');
  if (!bar) return;
  const [doc] = await Promise.all([load(`/cases/${bar.dataset.number}`), refreshRail()]);
  const answer = document.getElementById('c-answer');
  const fresh = doc.getElementById('c-answer');
  const changes = newChanges(doc);
  swap(doc, ['c-head', 'c-thread', 'c-facts', 'c-terms', 'c-proposals', 'c-history', 'c-notes']);
  if (!answer || !fresh) return;
  const area = field();
  if (!area) {
    swap(doc, ['c-bar', 'c-answer']);
    if (field()) editor();
    return;
  }
  const version = doc.getElementById('c-bar')?.dataset.version;
  if (!version || version === bar.dataset.version) return;
  if (area.value.trim() === '' && !busy(answer)) {
    swap(doc, ['c-bar', 'c-answer'], true);
    if (field()) editor();
    return;
  }
  // A note alone changes nothing that the answer rests on.
  if (changes.length) announce(changes, fresh.dataset.mode === 'write');
  if (fresh.dataset.mode !== 'write') return;
  // The person has been told, so the text may go on from what stands now.
  swap(doc, ['c-bar']);
  const known = area.form?.elements.namedItem('version');
  if (known instanceof HTMLInputElement) known.value = version;
}

/**
 * The lines that the history has gained; the newest stands first.
 * @param {Document} doc
 * @returns {Element[]}
 */
function newChanges(doc) {
  const lines = [...doc.querySelectorAll('#c-history li')];
  return lines.slice(0, Math.max(0, lines.length - document.querySelectorAll('#c-history li').length));
}

/**
 * Says over the text being written that others have changed the case.
 * @param {Element[]} changes
 * @param {boolean} mayGoOn the answer may still be handed in from here
 */
function announce(changes, mayGoOn) {
  const box = document.getElementById('changed');
  const list = box?.querySelector('[data-changes]');
  if (!box || !list) return;
  for (const line of changes.toReversed()) {
    const item = document.createElement('li');
    item.append(...[...line.childNodes].map((n) => document.importNode(n, true)));
    list.prepend(item);
  }
  for (const when of box.querySelectorAll('[data-when]')) when.toggleAttribute('hidden', (when.getAttribute('data-when') === 'write') !== mayGoOn);
  box.hidden = false;
}

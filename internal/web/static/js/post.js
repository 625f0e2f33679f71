// @ts-check
// The editor of a post: what is written is kept on the server while it grows,
// and the server answers with counters, previews and checks. Buttons that
// reshape the form do so without leaving the page.
import { Failure, load, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { moves } from './plan.js';
import { refreshRail } from './rail.js';

const QUIET = 700; // ms without typing before the draft is kept
const LIVE = ['saved', 'ed-lims', 'ed-zone', 'ed-rule', 'ed-pv', 'ed-ck'];
const SHAPES = ['ed-media', 'ed-poll', 'p-notes', ...LIVE];

const form = () => /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-editor]'));

export function postPage() {
  document.documentElement.classList.add('is-js');
  moves();
  keys({ KeyM: () => press('[data-move]') });
  submitKeys();
  if (form()) editor();
  else if (document.getElementById('p-bar')?.dataset.number !== '0') reading();
}

/** @param {string} selector */
function press(selector) {
  const el = document.querySelector(selector);
  if (!(el instanceof HTMLElement)) return false;
  el.click();
  return true;
}

/** Ctrl+Enter hands in, or approves where the page is for reading. */
function submitKeys() {
  document.addEventListener('keydown', (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.key !== 'Enter') return;
    const button = document.querySelector('[data-submit]') ?? document.querySelector('[data-form=approve] button');
    if (button instanceof HTMLButtonElement) {
      e.preventDefault();
      button.click();
    }
  });
}

/** What others do with a post appears by itself, unless the reader is writing. */
function reading() {
  watch(['posts', 'deliveries', 'halts'], async () => {
    const [doc] = await Promise.all([load(location.pathname + location.search), refreshRail()]);
    swap(doc, ['p-bar', 'p-notes', 'p-read', 'ed-pv', 'ed-ck', 'p-remarks', 'p-approval']);
  });
}

function editor() {
  let timer = 0;
  let kept = fields(form());
  /** @type {Promise<void> | null} */
  let saving = null;
  let leaving = false;

  const save = (/** @type {boolean} */ last) => {
    clearTimeout(timer);
    if (saving && !last) return saving;
    saving = keep(last).finally(() => { saving = null; });
    return saving;
  };
  const keep = async (/** @type {boolean} */ last) => {
    const f = form();
    const now = fields(f);
    if (!f || leaving || now === kept) return;
    try {
      const res = await fetch(draftOf(f), { method: 'POST', body: new URLSearchParams(now), headers: { 'Otklik-Part': '1' }, credentials: 'same-origin', keepalive: last && now.length < 60_000 });
      const text = await res.text();
      if (!res.ok) throw new Failure(res.status, text);
      kept = now;
      if (!last) swap(new DOMParser().parseFromString(text, 'text/html'), LIVE, true);
    } catch (err) {
      say(err instanceof Failure && err.status === 401
        ? 'Вход закончился: войдите в соседней вкладке, текст здесь цел'
        : 'Черновик не сохранён: нет связи. Не закрывайте страницу');
      timer = setTimeout(() => save(false), 10_000);
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => save(false), QUIET);
  };
  document.addEventListener('input', (e) => {
    const el = /** @type {Element} */ (e.target);
    if (el.closest('form[data-editor]') && !el.matches('[type=file], [name=newlink], [name=tab]')) soon();
  });
  document.addEventListener('change', (e) => {
    const el = /** @type {Element} */ (e.target);
    if (el.matches('[data-upload]')) reshape('upload');
  });
  document.addEventListener('submit', (e) => {
    const f = /** @type {HTMLFormElement} */ (e.target);
    if (!f.matches('form[data-editor]')) return;
    const what = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (e).submitter)?.value ?? 'save';
    if (/^(media|poll|option|link|upload)/.test(what)) {
      e.preventDefault();
      reshape(what);
      return;
    }
    clearTimeout(timer);
    if (saving) {
      // A draft that is on its way must not arrive after the post.
      e.preventDefault();
      const by = /** @type {SubmitEvent} */ (e).submitter;
      saving.then(() => f.requestSubmit(by));
      return;
    }
    leaving = true;
  });
  addEventListener('pagehide', () => save(true));
  // Shown again from the browser's memory, the page is written on.
  addEventListener('pageshow', () => { leaving = false; });

  /** @param {string} what */
  async function reshape(what) {
    const f = form();
    if (!f) return;
    clearTimeout(timer);
    if (saving) await saving;
    const body = new FormData(f);
    body.set('do', what);
    if (what === 'upload') say('Загружаем фото…');
    else body.delete('photo');
    try {
      const res = await fetch(f.action, { method: 'POST', body, credentials: 'same-origin' });
      const doc = new DOMParser().parseFromString(await res.text(), 'text/html');
      if (!doc.querySelector('form[data-editor]')) throw new Failure(res.status, doc.querySelector('main')?.textContent?.trim() ?? '');
      swap(doc, SHAPES, true);
      kept = fields(form());
      if (what === 'poll-add' || what === 'poll-more') focusLast(what === 'poll-add' ? '[name=question]' : '[name=option]');
      if (what === 'upload') focusLast('[name=m_alt].med-no');
    } catch {
      say(what === 'upload' ? 'Фото не загрузились: связь прервалась. Попробуйте ещё раз' : 'Не получилось: нет связи');
    }
  }
  watch([], async () => { await refreshRail(); });
}

/** @param {string} selector */
function focusLast(selector) {
  const list = document.querySelectorAll(selector);
  /** @type {HTMLElement | undefined} */ (list[list.length - 1])?.focus();
}

/** @param {HTMLFormElement} f */
function draftOf(f) {
  return f.getAttribute('action')?.replace(/\/write$/, '') + '/draft';
}

/**
 * The form's fields without files, as the browser would send them.
 * @param {HTMLFormElement | null} f
 */
function fields(f) {
  const out = new URLSearchParams();
  if (f) for (const [name, value] of new FormData(f)) if (typeof value === 'string' && name !== 'tab' && name !== 'newlink') out.append(name, value);
  return out.toString();
}

/** @param {string} text */
function say(text) {
  const place = document.getElementById('saved');
  if (place) place.textContent = text;
}

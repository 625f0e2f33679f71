// @ts-check
// The page Поиск by keyboard, and the counters of saved searches while it is open.
import { load, swap } from './http.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { refreshRail } from './rail.js';

/** @returns {HTMLElement[]} */
const rows = () => [...document.querySelectorAll('[data-found]')].map((r) => /** @type {HTMLElement} */ (r));
let at = -1;

export function search() {
  keys({
    KeyJ: () => step(1),
    ArrowDown: () => step(1),
    KeyK: () => step(-1),
    ArrowUp: () => step(-1),
    Slash: () => words()?.focus(),
  });
  words()?.addEventListener('keydown', (e) => {
    if (e.code === 'Escape') words()?.blur();
  });
  watch(['hits', 'searches', 'alarms', 'cases'], async () => {
    await refreshRail();
    swap(await load(location.pathname + location.search), ['saved']);
  });
}

/** @returns {HTMLInputElement | null} */
function words() {
  return document.querySelector('.fd-q input');
}

/** @param {number} by */
function step(by) {
  const list = rows();
  if (!list.length) return;
  at = Math.min(Math.max(at + by, 0), list.length - 1);
  list.forEach((r, i) => r.classList.toggle('is-cur', i === at));
  list[at].querySelector('a')?.focus({ preventScroll: true }); // Enter opens it
  list[at].scrollIntoView({ block: 'nearest' });
}

// @ts-check
// The keyboard map. Letters count by the place of the key, so the layout does
// not matter; in a field single keys are silent.
import { openOnes } from './menus.js';

/** @typedef {Record<string, () => boolean | void>} Keymap by KeyboardEvent.code */

/** @param {Keymap} map */
export function keys(map) {
  const help = /** @type {HTMLDialogElement | null} */ (document.getElementById('keys'));
  document.addEventListener('keydown', (e) => {
    const target = /** @type {Element} */ (e.target);
    if ((e.ctrlKey || e.metaKey) && e.code === 'KeyK') {
      const find = /** @type {HTMLInputElement | null} */ (document.querySelector('.rail-find input'));
      if (find) {
        e.preventDefault();
        find.focus();
        find.select();
      }
      return;
    }
    if (e.code === 'Escape') {
      for (const d of openOnes()) {
        d.open = false;
        /** @type {HTMLElement | null} */ (d.querySelector('summary'))?.focus();
      }
      if (target instanceof HTMLElement && target.closest('.rail-find')) target.blur();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || help?.open || target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select')) return;
    if (e.key === '?' || (e.shiftKey && e.code === 'Slash')) {
      e.preventDefault();
      help?.showModal();
      return;
    }
    if (e.shiftKey) return;
    // Keys that belong to the element under the focus stay its own.
    if ((e.code === 'Enter' || e.code === 'Space') && target.closest('button, summary, a, label, input')) return;
    const act = map[e.code];
    if (act && act() !== false) e.preventDefault();
  });
  document.querySelector('[data-keys]')?.addEventListener('click', () => help?.showModal());
}

// @ts-check
// The numbers of the navigation, fresh on every page.
import { tell } from './alarms.js';
import { load, swap } from './http.js';

/** @returns {Promise<void>} */
export async function refreshRail() {
  const here = document.querySelector('.rail .nav a[aria-current]');
  const at = here ? here.getAttribute('href') ?? '' : '';
  const doc = await load('/rail?at=' + encodeURIComponent(at));
  const counts = doc.getElementById('rail-live')?.dataset ?? {};
  swap(doc, ['rail-live', 'strip']);
  tell(doc);
  for (const el of document.querySelectorAll('[data-tab]')) {
    const n = counts[/** @type {HTMLElement} */ (el).dataset.tab ?? ''];
    if (n !== undefined && el.textContent !== n) el.textContent = n;
  }
}

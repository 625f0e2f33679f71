// @ts-check
// The numbers of the navigation, fresh on every page.
import { load, swap } from './http.js';

/** @returns {Promise<void>} */
export async function refreshRail() {
  const here = document.querySelector('.rail .nav a[aria-current]');
  const at = here ? here.getAttribute('href') ?? '' : '';
  swap(await load('/rail?at=' + encodeURIComponent(at)), ['rail-live']);
}

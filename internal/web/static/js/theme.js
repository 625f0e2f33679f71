// @ts-check
// Switches the theme at once; the server remembers it for the next page.
import { post } from './http.js';

export function theme() {
  const root = document.documentElement;
  document.addEventListener('submit', (e) => {
    const form = /** @type {HTMLFormElement} */ (e.target);
    if (!form.action.endsWith('/theme')) return;
    e.preventDefault();
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    post('/theme', { theme: root.dataset.theme }).catch(() => form.submit());
  });
}

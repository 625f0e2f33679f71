// @ts-check
// The page of deadlines counts its example while a person changes the form.
import { Failure, post } from './http.js';

const PAUSE = 250; // ms without typing before the example is counted

export function deadlines() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-terms]'));
  if (!form) return;
  let timer = 0;
  let asked = 0;

  async function count() {
    const mine = ++asked;
    /** @type {Record<string, string>} */
    const fields = {};
    for (const [name, value] of new FormData(form ?? undefined)) fields[name] = String(value);
    try {
      const text = await post('/deadlines/try', fields);
      const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('try');
      if (mine === asked && fresh) document.getElementById('try')?.replaceWith(document.adoptNode(fresh));
    } catch (e) {
      if (!(e instanceof Failure)) return; // the button does the same without a script
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(count, PAUSE);
  });
}

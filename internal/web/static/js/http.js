// @ts-check
// Requests of our own scripts. Whatever comes back was rendered and authorised
// by the server; scripts only put it in its place.

const PART = { 'Otklik-Part': '1' };

/**
 * Asks for a page or a part of one.
 * @param {string} url
 * @returns {Promise<Document>}
 */
export async function load(url) {
  const res = await fetch(url, { headers: PART, credentials: 'same-origin' });
  return read(res);
}

/**
 * Sends a form the way the browser would and returns the page it leads to.
 * @param {HTMLFormElement} form
 * @returns {Promise<Document>}
 */
export async function send(form) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  const res = await fetch(form.action, { method: 'POST', body, credentials: 'same-origin' });
  return read(res, true);
}

/**
 * Posts fields and returns the answer as text.
 * @param {string} url
 * @param {Record<string, string>} fields
 * @param {boolean} [leaving] the page is being left
 * @returns {Promise<string>}
 */
export async function post(url, fields, leaving = false) {
  const res = await fetch(url, { method: 'POST', headers: PART, body: new URLSearchParams(fields), credentials: 'same-origin', keepalive: leaving });
  if (!res.ok) throw new Failure(res.status, await res.text());
  return res.text();
}

/** A request that the server refused. */
export class Failure extends Error {
  /**
   * @param {number} status
   * @param {string} text
   */
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/**
 * @param {Response} res
 * @param {boolean} [anyStatus] a page with an error is a page as well
 * @returns {Promise<Document>}
 */
async function read(res, anyStatus = false) {
  const text = await res.text();
  // The session has ended. A page with a text in it stays as it is: the text
  // matters more, and whatever is sent from it comes back with the sign-in.
  if (res.status === 401 && !anyStatus && !document.querySelector('[data-answer], [data-editor]')) location.reload();
  if (!res.ok && !anyStatus) throw new Failure(res.status, text);
  return new DOMParser().parseFromString(text, 'text/html');
}

/**
 * Puts elements of a fetched page in the place of those with the same id.
 * What a person is busy with stays: a field with the focus, an open form.
 * @param {Document} doc
 * @param {string[]} ids
 * @param {boolean} [force]
 */
export function swap(doc, ids, force = false) {
  for (const id of ids) {
    const old = document.getElementById(id);
    const fresh = doc.getElementById(id);
    if (!old || !fresh || (!force && busy(old)) || old.outerHTML === fresh.outerHTML) continue;
    const top = old.scrollTop;
    const unfolded = [...old.querySelectorAll('details')].map((d) => d.open);
    const again = [...fresh.querySelectorAll('details')];
    const held = old.contains(document.activeElement) ? nameOf(/** @type {Element} */ (document.activeElement)) : '';
    old.replaceWith(document.adoptNode(fresh));
    fresh.scrollTop = top;
    if (held) refocus(fresh, held);
    // What a person has unfolded stays so, as long as it is the same list.
    if (!force && again.length === unfolded.length) again.forEach((d, i) => { d.open = unfolded[i]; });
  }
}

/**
 * A selector by which an element is found again in a fresh copy of its region.
 * @param {Element} el
 * @returns {string}
 */
function nameOf(el) {
  if (el.id) return '#' + CSS.escape(el.id);
  const row = el.closest('[data-number]');
  let own = el.tagName.toLowerCase();
  for (const name of ['href', 'name', 'value', 'title']) {
    const value = el.getAttribute(name);
    if (value !== null) own += `[${name}="${CSS.escape(value)}"]`;
  }
  return row && row !== el ? `[data-number="${CSS.escape(row.getAttribute('data-number') ?? '')}"] ${own}` : own;
}

/**
 * Gives the focus back to what had it, or to where its row went.
 * @param {Element} region
 * @param {string} name
 */
function refocus(region, name) {
  const found = [...region.querySelectorAll(name)].find((el) => el.checkVisibility());
  if (found instanceof HTMLElement) found.focus({ preventScroll: true });
}

/**
 * @param {Element} el
 * @returns {boolean}
 */
export function busy(el) {
  if (el.querySelector('details.dd[open]')) return true;
  const active = document.activeElement;
  return !!active && el.contains(active) && active.matches('input, textarea, select');
}

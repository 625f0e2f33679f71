// @ts-check
// Drop-downs and small forms in them: one open at a time, closed by Esc, by a
// click elsewhere and by «Не сейчас».

export function menus() {
  document.addEventListener('click', (e) => {
    const target = /** @type {Element} */ (e.target);
    if (target.closest('[data-close]')) {
      const box = target.closest('details');
      if (box) box.open = false;
    }
    for (const d of openOnes()) if (!d.contains(target)) d.open = false;
  });
  document.addEventListener('toggle', (e) => {
    const box = /** @type {HTMLDetailsElement} */ (e.target);
    if (!(box instanceof HTMLDetailsElement) || !box.open || !box.classList.contains('dd')) return;
    for (const b of box.querySelectorAll('[data-close]')) b.removeAttribute('hidden');
    for (const d of openOnes()) if (d !== box && !d.contains(box)) d.open = false;
    const field = /** @type {HTMLElement | null} */ (box.querySelector('textarea, select, input[type=url]'));
    field?.focus();
  }, true);
}

/** @returns {HTMLDetailsElement[]} */
export function openOnes() {
  return [...document.querySelectorAll('details.dd[open]')].map((d) => /** @type {HTMLDetailsElement} */ (d));
}

/**
 * Opens the form of a command, if the page has one. Says whether it did.
 * @param {string} command
 * @param {ParentNode} [within]
 * @returns {boolean}
 */
export function openForm(command, within = document) {
  const el = within.querySelector(`[data-form="${command}"]`);
  if (el instanceof HTMLDetailsElement) {
    el.open = true;
    return true;
  }
  if (el instanceof HTMLFormElement) {
    el.requestSubmit();
    return true;
  }
  return false;
}

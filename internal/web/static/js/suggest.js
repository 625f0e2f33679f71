// @ts-check
// Fields that suggest while a person types: the list under them is filled by
// the server. Without this the field takes the same words as they are typed.

const PAUSE = 150;

export function suggest() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  document.addEventListener('input', (e) => {
    const field = /** @type {HTMLElement} */ (e.target);
    if (!(field instanceof HTMLInputElement) || !field.dataset.suggest) return;
    clearTimeout(timer);
    timer = setTimeout(() => fill(field), PAUSE);
  });
}

/** @param {HTMLInputElement} field */
async function fill(field) {
  const asked = field.value.trim();
  const list = field.list;
  if (!list || asked.length < 2) return;
  try {
    const res = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(asked)}`, { credentials: 'same-origin' });
    if (!res.ok || field.value.trim() !== asked) return;
    /** @type {string[]} */
    const names = await res.json();
    list.replaceChildren(...names.map((name) => {
      const option = document.createElement('option');
      option.value = name;
      return option;
    }));
  } catch {
    // A field without suggestions is still a field.
  }
}

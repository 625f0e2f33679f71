// Gives the focus to every control in turn, as the Tab key does, and returns
// those on which it does not show.
(() => {
  const marks = (el) => {
    const style = getComputedStyle(el);
    return [style.outlineStyle === 'none' ? 0 : style.outlineWidth, style.outlineColor, style.boxShadow, style.borderTopColor].join();
  };
  const chain = (el) => [el, el.parentElement, el.parentElement?.parentElement].filter(Boolean);
  const hidden = [];
  const before = document.activeElement;
  const within = document.querySelector('dialog:modal') ?? document;
  for (const el of within.querySelectorAll('a[href], button, summary, input, select, textarea')) {
    if (el.type === 'hidden' || el.disabled || !el.checkVisibility({ opacityProperty: false, visibilityProperty: true })) continue;
    before?.blur?.();
    document.activeElement?.blur?.();
    const plain = chain(el).map(marks);
    el.focus({ focusVisible: true, preventScroll: true });
    const ring = getComputedStyle(el);
    const outlined = ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2;
    if (!outlined && chain(el).map(marks).join(';') === plain.join(';')) {
      hidden.push('фокус не виден: ' + el.tagName.toLowerCase() + [...el.classList].map((c) => '.' + c).join('') + ' «' + el.textContent.trim().slice(0, 40) + '»');
    }
  }
  document.activeElement?.blur?.();
  return hidden;
})()

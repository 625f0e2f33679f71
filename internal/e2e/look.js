// Looks at the page as it stands and returns what breaks the rules of the
// look, each as one line. The test puts it into every page that it opens.
(() => {
  const phone = innerWidth <= 720;
  const found = new Set();
  const SEEN = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };

  const name = (el) => {
    const text = (el.getAttribute('aria-label') || el.textContent || el.getAttribute('name') || '').trim().replace(/\s+/g, ' ');
    const label = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + [...e.classList].map((c) => '.' + c).join('');
    return `${el.parentElement ? label(el.parentElement) + ' > ' : ''}${label(el)} «${text.slice(0, 40)}»`;
  };
  const problem = (what, el) => found.add(`${what}: ${name(el)}`);

  // Boxes that only a screen reader meets are there for it and for nobody else.
  const spoken = (el) => !!el.closest('.sr, noscript');
  const shown = (el) => el.checkVisibility(SEEN) && !spoken(el);

  // --- colours -------------------------------------------------------------
  const colour = (text) => {
    const n = (text.match(/[\d.]+(e-?\d+)?/g) ?? []).map(Number);
    if (text.startsWith('color(srgb')) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
    if (!text.startsWith('rgb')) return [0, 0, 0, 0];
    return [n[0], n[1], n[2], n[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (hi + 0.05) / (lo + 0.05);
  };
  const background = (el) => {
    const chain = [];
    for (let e = el; e; e = e.parentElement) chain.push(e);
    return chain.reverse().reduce((below, e) => {
      const style = getComputedStyle(e);
      let own = colour(style.backgroundColor);
      if (e.tagName === 'MARK') {
        const probe = document.createElement('i');
        probe.style.cssText = 'color: var(--mark)';
        e.append(probe);
        own = colour(getComputedStyle(probe).color);
        probe.remove();
      }
      return over(own, below);
    }, colour(getComputedStyle(document.documentElement).backgroundColor)[3] ? [0, 0, 0, 1] : [255, 255, 255, 1]);
  };
  const opacity = (el) => {
    let value = 1;
    for (let e = el; e; e = e.parentElement) value *= Number(getComputedStyle(e).opacity);
    return value;
  };
  const need = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18 && Number(style.fontWeight) >= 600) ? 3 : 4.5;
  };
  const legible = (el, ink, style, what) => {
    const below = background(el);
    const c = colour(ink);
    const ratio = contrast(over([c[0], c[1], c[2], c[3] * opacity(el)], below), below);
    if (ratio < need(style) - 0.01) problem(`${what} ${ratio.toFixed(2)}, нужно ${need(style)}`, el);
  };

  // --- text ----------------------------------------------------------------
  /** @type {[Element, DOMRect][]} what is read where, to find texts that run over each other */
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.parentElement;
    if (!node.data.trim() || !el || ['SCRIPT', 'STYLE', 'OPTION', 'TEXTAREA', 'NOSCRIPT'].includes(el.tagName) || !shown(el)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
    if (!boxes.length) continue;
    const style = getComputedStyle(el);
    legible(el, style.color, style, 'контраст текста');
    fits(el, boxes);
    if (!floats(el)) boxes.map((r) => visible(el, r)).filter(Boolean).forEach((r) => texts.push([el, r]));
  }
  for (const [i, [el, r]] of texts.entries()) {
    for (const [other, o] of texts.slice(i + 1)) {
      const wide = Math.min(r.right, o.right) - Math.max(r.left, o.left);
      const high = Math.min(r.bottom, o.bottom) - Math.max(r.top, o.top);
      if (wide > 3 && high > 3 && el !== other) problem(`текст поверх текста «${other.textContent.trim().slice(0, 30)}»`, el);
    }
  }
  for (const el of document.querySelectorAll('input, textarea')) {
    if (!shown(el) || el.type === 'hidden') continue;
    const style = getComputedStyle(el);
    if (el.placeholder && !el.value) legible(el, getComputedStyle(el, '::placeholder').color, style, 'контраст подсказки');
    else if (el.value && !['checkbox', 'radio'].includes(el.type)) legible(el, style.color, style, 'контраст поля');
  }

  /** What stands over the page stands over its texts as well. */
  function floats(el) {
    for (let box = el; box && box !== document.body; box = box.parentElement) {
      if (/fixed|sticky|absolute/.test(getComputedStyle(box).position) || box.tagName === 'DIALOG') return true;
    }
    return false;
  }

  /** The part of a box that its surroundings do not cut away, if any. */
  function visible(el, r) {
    let { left, right, top, bottom } = r;
    for (let box = el; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.display === 'inline' || (style.overflowX === 'visible' && style.overflowY === 'visible')) continue;
      const c = box.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, c.left), Math.min(right, c.right), Math.max(top, c.top), Math.min(bottom, c.bottom)];
    }
    return right > left && bottom > top ? { left, right, top, bottom } : null;
  }

  /** A text is whole, or it ends in an ellipsis, or its box scrolls. */
  function fits(el, boxes) {
    const right = Math.max(...boxes.map((r) => r.right));
    const bottom = Math.max(...boxes.map((r) => r.bottom));
    // A space at the end of a line hangs over the edge and is not seen.
    const slack = getComputedStyle(el).whiteSpaceCollapse === 'preserve' ? 8 : 2;
    for (let box = el; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.display === 'inline' || style.display === 'contents') continue;
      const r = box.getBoundingClientRect();
      const clips = style.overflowX !== 'visible';
      if (/auto|scroll/.test(style.overflowX + style.overflowY) && (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)) return;
      if (clips && style.textOverflow === 'ellipsis') return;
      if (style.webkitLineClamp !== 'none') return;
      if (right > r.right + slack && !slides(box)) {
        problem(clips ? 'текст обрезан без многоточия' : 'текст выходит из своего места', el);
        return;
      }
      if (style.overflowY !== 'visible' && bottom > r.bottom + 3) {
        problem('текст обрезан снизу', el);
        return;
      }
      if (style.position === 'fixed' || style.position === 'absolute') return;
    }
  }

  /** A row of things that is wider than its place may be slid to the side. */
  function slides(el) {
    for (let box = el; box && box !== document.body; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth + 1) return true;
    }
    return false;
  }

  // --- the page ------------------------------------------------------------
  if (document.scrollingElement.scrollWidth > innerWidth + 1) {
    found.add(`страница шире окна: ${document.scrollingElement.scrollWidth} > ${innerWidth}`);
    for (const el of document.body.querySelectorAll('*')) {
      if (shown(el) && el.getBoundingClientRect().right > innerWidth + 1) problem('за краем', el);
    }
  }
  const heads = [...document.querySelectorAll('h1')].filter(shown);
  if (heads.length !== 1) found.add(`заголовков первого уровня ${heads.length}`);
  if (document.documentElement.lang !== 'ru') found.add('язык страницы не русский');
  if (!document.title.trim()) found.add('нет заголовка окна');
  for (const el of document.querySelectorAll('[id]')) {
    if (document.querySelectorAll('#' + CSS.escape(el.id)).length > 1) problem('два элемента с одним id', el);
  }

  // --- controls ------------------------------------------------------------
  const controls = [...document.querySelectorAll('a[href], button, summary, input, select, textarea, [tabindex="0"]')]
    .filter((el) => el.type !== 'hidden' && shown(el) && !el.matches('.skip'));
  for (const el of controls) {
    if (!called(el)) problem('без имени', el);
    const zone = reach(el);
    const least = phone ? 40 : 32;
    if (Math.min(zone.width, zone.height) < least - 0.5) problem(`зона нажатия ${Math.round(zone.width)}×${Math.round(zone.height)}, нужно ${least}`, el);
    if (el.matches('input, select, textarea')) bordered(el);
  }

  function called(el) {
    const by = (el.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean).map((id) => document.getElementById(id)?.textContent ?? '').join('');
    const labels = [...(el.labels ?? [])].map((l) => l.textContent).join('');
    const own = el.matches('input, select, textarea') ? '' : [...el.querySelectorAll('*')].length === 0 ? el.textContent : words(el);
    return [el.getAttribute('aria-label'), by, labels, own, el.title].some((text) => text?.trim());
  }
  function words(el) {
    return [...el.childNodes].map((n) => {
      if (n.nodeType === Node.TEXT_NODE) return n.data;
      if (!(n instanceof Element) || n.getAttribute('aria-hidden') === 'true' || getComputedStyle(n).display === 'none') return '';
      return words(n);
    }).join('');
  }

  /** The zone that takes a press: the box, its label, and what its pseudo-elements add. */
  function reach(el) {
    const zones = [el.getBoundingClientRect()];
    const label = el.closest('label') ?? el.labels?.[0];
    if (label && el.matches('input')) zones.push(label.getBoundingClientRect());
    if (el.matches('.rail-find input')) zones.push(el.parentElement.getBoundingClientRect());
    for (const pseudo of ['::before', '::after']) {
      const style = getComputedStyle(el, pseudo);
      if (style.content === 'none' || style.position !== 'absolute') continue;
      let holder = el;
      while (holder && getComputedStyle(holder).position === 'static') holder = holder.parentElement;
      const r = holder.getBoundingClientRect();
      const inset = (side) => parseFloat(style[side]) || 0;
      zones.push(new DOMRect(r.x + inset('left'), r.y + inset('top'), r.width - inset('left') - inset('right'), r.height - inset('top') - inset('bottom')));
    }
    return { width: Math.max(...zones.map((z) => z.width)), height: Math.max(...zones.map((z) => z.height)) };
  }

  /** A field is told from its surroundings by a border that is seen. */
  function bordered(el) {
    for (let box = el; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (parseFloat(style.borderTopWidth) === 0 || style.borderTopStyle === 'none') continue;
      if (box.matches('.ed-ro') || el.checked) return;
      const around = background(box.parentElement);
      const ratio = contrast(over(colour(style.borderTopColor), around), around);
      if (ratio < 3 - 0.01) problem(`граница поля ${ratio.toFixed(2)}, нужно 3`, el);
      return;
    }
    problem('поле без границы', el);
  }

  return [...found];
})()

// How elements are made: from text, never from markup, except in the one place that takes the server's sanitised HTML.
import { ago, full } from './strings.js';
import css from './parley.css';

// Built as an object, not a <style> or <link>: a strict style-src of the page does not apply to it.
export const sheets = [new CSSStyleSheet(), new CSSStyleSheet()];
sheets[0].replaceSync(css);
let later = '';
/** Adds the style of a part that is fetched later. */
export const wear = (more) => sheets[1].replaceSync(later += more);

/** An element: `on…` keys are listeners, false and null leave an attribute out, strings become text. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

export const button = (className, onclick, ...children) =>
  h('button', { type: 'button', class: className, onclick }, ...children);

const PATHS = {
  up: 'M12 19V6M6 12l6-6 6 6', down: 'M12 5v13M6 12l6 6 6-6', back: 'M19 12H5M11 6l-6 6 6 6',
  minus: 'M7 12h10', plus: 'M7 12h10M12 7v10', into: 'M5 12h14M13 6l6 6-6 6',
  talk: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
};
export function icon(name) {
  const make = (tag, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };
  const svg = make('svg', { viewBox: '0 0 24 24', class: `icon ${name}`, 'aria-hidden': 'true' });
  svg.append(make('path', { d: PATHS[name] }));
  return svg;
}

// A page may demand Trusted Types: name the one sink, and carry on if the page allows no policy of ours.
let policy;
try { policy = window.trustedTypes?.createPolicy('parley', { createHTML: (html) => html }); } catch { /* not allowed here */ }
/** Puts HTML that the server sanitised into `element`. The only place where markup becomes elements. */
export function insertRendered(element, html) {
  element.innerHTML = policy ? policy.createHTML(html) : html;
  return element;
}

export const time = (iso) => h('time', { datetime: iso, title: full(iso) }, ago(iso));
export function tick(root) {
  for (const element of root.querySelectorAll('time')) element.textContent = ago(element.dateTime);
}

/** Initials on a hue that belongs to the account: the same person looks the same everywhere. */
export function avatar(author) {
  const words = author?.name.trim().split(/\s+/) ?? [], letters = [words[0], words.length > 1 && words.at(-1)];
  const element = h('span', { class: author ? 'avatar' : 'avatar none', 'aria-hidden': 'true' },
    letters.map((word) => word ? [...word][0] : '').join('').toUpperCase());
  if (author) element.style.setProperty('--hue', (author.id * 137.508) % 360 | 0);  // the golden angle keeps neighbours apart
  return element;
}

/** What a refusal looks like: beside what was tried, once, and read out. */
export function refuse(parent, text) {
  parent.querySelector(':scope > .error')?.remove();
  parent.append(h('p', { class: 'error', role: 'alert' }, text));
}

/** 'dark' or 'light': what stands behind `element`, so that `auto` follows the page and not only the system. */
export function backdrop(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    const [r, g, b, alpha = 1] = /^rgb/.test(color) ? color.match(/[\d.]+/g) : [0, 0, 0, 0];
    if (alpha > 0.5) return r * 0.299 + g * 0.587 + b * 0.114 < 128 ? 'dark' : 'light';
  }
  const scheme = getComputedStyle(element.parentElement ?? document.documentElement).colorScheme;
  return /dark/.test(scheme) && (!/light/.test(scheme) || matchMedia('(prefers-color-scheme: dark)').matches) ? 'dark' : 'light';
}

/** Moves `element` into view and gives it the focus, gently where the reader has not asked for stillness. */
export function reveal(element) {
  element.focus({ preventScroll: true });
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block: 'center', behavior: still ? 'auto' : 'smooth' });
}

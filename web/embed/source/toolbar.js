// The small row above a text: marks that Markdown knows, and the passage that was selected elsewhere on the page as a quote.
import { h, button } from './dom.js';
import { t } from './strings.js';

const WRAPS = { bold: ['**', '**'], italic: ['_', '_'], code: ['`', '`'], link: ['[', '](https://)'] };
const LINES = { quote: '> ', list: '- ' };
const SIGNS = { bold: 'B', italic: 'I', code: '<>', link: '↗', quote: '❝', list: '•' };
const KEYS = { b: 'bold', i: 'italic', k: 'link' };
const LONGEST_QUOTE = 1000;

/** The row for a text field, and what its keys do (Ctrl or Command with B, I, K). */
export function toolbar(area, host, changed) {
  const act = (name) => {
    const passage = name === 'quote' && selected(host, area);
    if (passage) insert(area, `${quoted(passage)}\n\n`);
    else if (LINES[name]) lines(area, LINES[name]);
    else wrap(area, ...WRAPS[name]);
    changed();
  };
  const buttons = Object.keys(SIGNS).map((name) => {
    // "list" alone is the class of the comments' own lists.
    const made = button(`tool as-${name}`, () => act(name), h('span', { 'aria-hidden': 'true' }, SIGNS[name]));
    made.setAttribute('aria-label', t(name));
    made.title = t(name);
    // The field keeps the focus, and the page its selection.
    made.addEventListener('mousedown', (event) => event.preventDefault());
    return made;
  });
  const row = h('div', { class: 'toolbar', role: 'group', 'aria-label': t('toolbar') }, ...buttons);
  const key = (event) => {
    const name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
    if (!name) return false;
    event.preventDefault();
    act(name);
    return true;
  };
  return { row, key };
}

/** What is selected outside of any field: in the article or in a comment. */
function selected(host, area) {
  const here = host.shadowRoot.getSelection?.() ?? getSelection();
  const text = String(here).trim() || String(getSelection()).trim();
  const within = area.value.slice(area.selectionStart, area.selectionEnd);
  return text && text !== within.trim() ? text.slice(0, LONGEST_QUOTE) : '';
}
const quoted = (text) => text.split('\n').map((line) => `> ${line}`.trimEnd()).join('\n');

function insert(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.focus();
}
function wrap(area, before, after) {
  const { selectionStart: from, selectionEnd: to } = area, inner = area.value.slice(from, to);
  area.setRangeText(before + inner + after, from, to, 'end');
  // Into the marks where nothing was chosen; else behind them.
  if (!inner) area.selectionStart = area.selectionEnd = from + before.length;
  area.focus();
}
function lines(area, mark) {
  const { value, selectionEnd: to } = area, from = area.selectionStart && value.lastIndexOf('\n', area.selectionStart - 1) + 1;
  area.setRangeText(value.slice(from, to).split('\n').map((line) => mark + line).join('\n'), from, to, 'end');
  area.focus();
}

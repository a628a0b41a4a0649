// The points of an article, drawn in <parley-points>: an arrow to give one or take it back, and how many there are.
import { get, change, identity, kept, sentence, tonguesOf } from './api.js';
import { h, icon, backdrop, sheets, wear } from './dom.js';
import { t, spoken, speak, speech } from './strings.js';
import css from './points.css';

wear(css);

const state = new WeakMap();

/** Fetches what there is to show in an element and draws it. */
export async function show(element) {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = sheets;
  try {
    await speak(spoken(tonguesOf(element)));
    const meant = JSON.stringify(identity(element));
    const { thread } = await get('threads', { ...identity(element), sort: null });
    const given = Boolean(kept.get() && thread.id && (await get(`threads/${thread.id}/mine`).catch(() => ({}))).point);
    // The page was led elsewhere meanwhile: another question is under way.
    if (meant !== JSON.stringify(identity(element))) return;
    state.set(element, { thread, given });
    draw(element);
  } catch { root.replaceChildren(); }  // an ornament: the thread below says what is wrong
}

function draw(element, error = '') {
  const { given, thread: { points: n } } = state.get(element), theme = element.getAttribute('theme'), root = element.shadowRoot;
  const dark = (/dark|light/.test(theme) ? theme : backdrop(element)) === 'dark', had = root.activeElement;
  const arrow = h('button', {
    type: 'button', class: 'point', 'aria-pressed': String(given),
    'aria-label': t(given ? 'take' : 'give', { n }), onclick: () => toggle(element),
  }, icon('up'));
  root.replaceChildren(h('span', { class: `parley points${dark ? ' dark' : ''}`, part: 'points', ...speech() },
    arrow, h('span', {}, t('points', { n })), h('span', { class: 'error', role: 'alert' }, error)));
  if (had) arrow.focus();
}

async function toggle(element) {
  const mine = state.get(element), { given, thread } = mine, before = thread.points;
  if (mine.busy) return;
  Object.assign(mine, { busy: true, given: !given });
  thread.points += given ? -1 : 1;
  draw(element);
  try {
    thread.id ??= (await change('POST', 'threads', identity(element))).thread.id;
    const answer = await change(given ? 'DELETE' : 'PUT', `threads/${thread.id}/points`);
    mine.given = answer.given;
    thread.points = answer.points;
    draw(element);
  } catch (error) {
    mine.given = given;
    thread.points = before;
    draw(element, sentence(error));
  }
  mine.busy = false;
}

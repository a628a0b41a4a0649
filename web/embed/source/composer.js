// Where a reader writes: the text and its draft, the preview, the word before posting, and what went wrong with it.
import { change, drafts, kept, sentence, uuid } from './api.js';
import { h, button, insertRendered, refuse } from './dom.js';
import { t, inOwnWords } from './strings.js';
import { learn } from './sanctions.js';
import { toolbar } from './toolbar.js';

const PAUSE = 1000;  // ms without a key after which the writer is told how much room is left
let count = 0;

/**
 * A form for a new comment, a reply or an edit.
 * `key` names its draft; `send({ text, name, key })` does the work and may throw; `cancel` is absent for the form that stays.
 */
export function composer(host, { key, label, submitLabel = t('post'), text = '', named = true, send, cancel }) {
  const id = `c${++count}`, { desk, thread: { limits } } = host, place = `${host.place}:${key}`;
  // The draft carries the key of its last attempt, so that the same text sent again, even after a reload, is one comment.
  const draft = JSON.parse(drafts.get(place) ?? 'null') ?? { text };
  const { run } = host;
  let busy = false, warned = '', timer, pause, asked = 0;

  const area = h('textarea', {
    id, rows: 3, part: 'input', dir: 'auto', placeholder: cancel ? null : t('invite'),
    'aria-describedby': `${id}e ${id}h ${id}l`, oninput: typed,
  });
  const name = h('input', {
    id: `${id}n`, part: 'input', autocomplete: 'name', maxlength: limits.name,
    oninput: () => name.removeAttribute('aria-invalid'),
  });
  // No person sees this field or comes to it by key or screen reader: what fills it in is a program.
  const trap = h('input', { type: 'text', name: 'website', autocomplete: 'off', tabindex: -1 });
  const left = h('span', { id: `${id}l`, class: 'left' });
  const said = h('div', { id: `${id}e`, class: 'said' }), nudge = h('div', { class: 'nudge', role: 'status' });
  const shown = h('div', { class: 'body preview', part: 'preview', dir: 'auto', hidden: true, role: 'region', 'aria-label': t('preview') });
  const toggle = button('quiet', () => preview(shown.hidden), t('preview'));
  const tools = toolbar(area, host, typed);
  const submit = h('button', { class: 'primary', part: 'button' }, submitLabel);
  const form = h('form', {
    class: 'composer', part: 'composer', novalidate: true,
    onsubmit: go, onkeydown: keys, onfocusin: () => form.classList.add('open'),
  },
    h('label', { class: 'label', for: id }, label), tools.row, area,
    named && h('div', { class: 'extra', 'aria-hidden': 'true' }, h('label', {}, 'Website', trap)), shown, nudge, said,
    h('div', { class: 'bar' },
      named && (desk?.byline() || h('span', { class: 'name' }, h('label', { for: name.id }, t('name')), name)),
      h('span', { id: `${id}h`, class: 'hint' }, host.thread.moderation === 'pre' || cancel ? t('hint') : t('rank')), left,
      h('span', { class: 'buttons' }, toggle, cancel && button('quiet', cancel, t('cancel')), submit)));
  toggle.setAttribute('aria-pressed', 'false');
  area.value = draft.text;
  name.value = desk?.writer || (kept.get(':name') ?? host.name ?? '');
  if (draft.text) form.classList.add('open');

  function typed() {
    draft.text = area.value;
    drafts.set(place, draft.text && draft.text !== text ? JSON.stringify(draft) : null);
    area.removeAttribute('aria-invalid');
    nudge.replaceChildren();
    relabel();
    measure();
    // Said once the writer pauses: every number, key by key, would be talked over the next.
    clearTimeout(pause);
    pause = setTimeout(() => form.isConnected && tellLeft(), PAUSE);
    if (!shown.hidden) { clearTimeout(timer); timer = setTimeout(preview, 500, true); }
  }
  function relabel() {
    const again = warned && warned === area.value.trim() && submitLabel === t('post');
    submit.textContent = busy ? t('sending') : again ? t('postAnyway') : submitLabel;
  }
  function measure() {
    const rest = limits.text - [...area.value].length;
    left.textContent = rest > Math.min(500, limits.text / 5) ? '' : t(rest < 0 ? 'over' : 'left', { n: Math.abs(rest) });
    left.classList.toggle('over', rest < 0);
    return rest;
  }
  function tellLeft() { if (left.textContent) host.announce(left.textContent); }
  function warn(answer) {
    if (!answer.would_hold || desk?.writer) return false;
    const key = answer.labels?.length ? 'reword' : 'wouldHold';
    nudge.replaceChildren(h('p', {}, inOwnWords(key, answer.message) || t(key)));
    if (key !== 'reword') return false;  // nothing in the words themselves
    warned = area.value.trim();
    relabel();
    return true;
  }
  const check = (words) => change('POST', 'preview', {
    text: words, ...(host.thread.id ? { thread_id: host.thread.id } : { url: host.query.url }),
  });
  async function preview(on) {
    shown.hidden = !on;
    toggle.setAttribute('aria-pressed', String(on));
    const words = area.value.trim(), turn = ++asked;
    if (!on) return;
    if (!words) return shown.replaceChildren(h('p', { class: 'muted' }, t('previewEmpty')));
    shown.setAttribute('aria-busy', 'true');
    try {
      const answer = await check(words);
      if (turn === asked) { insertRendered(shown, answer.html); nudge.replaceChildren(); warn(answer); }
    } catch (error) { if (turn === asked) shown.replaceChildren(h('p', { class: 'muted' }, sentence(error))); }
    if (turn === asked) shown.removeAttribute('aria-busy');
  }
  function stop(text, field = area) {
    if (text) refuse(said, text);
    field.setAttribute('aria-invalid', 'true');
    field.focus();
  }
  /** The counter has said so already, and describes the field: who comes to it hears it, who is there is told. */
  function tooLong() {
    clearTimeout(pause);
    if (host.shadowRoot.activeElement === area) tellLeft();
    stop();
  }
  async function go(event) {
    event.preventDefault();
    const words = area.value.trim(), who = name.value.trim();
    if (busy) return;
    said.replaceChildren();
    if (!words) return stop(t('needText'));
    if (measure() < 0) return tooLong();
    if (named && !who) return stop(t('needName'), name);
    busy = true;
    area.readOnly = true;
    form.setAttribute('aria-busy', 'true');
    relabel();
    try {
      // Asked once, before it is public: many people reword. Where everything waits for a person anyway, it would only nag.
      if (warned !== words && host.thread.moderation !== 'pre') {
        const answer = await Promise.race([check(words).catch(() => ({})), new Promise((done) => setTimeout(done, 3000, {}))]);
        if (warn(answer)) return;
      }
      // The page was led elsewhere meanwhile: what was written here is not for there. Its draft is kept.
      if (run !== host.run) return;
      if (draft.sent !== who + words) Object.assign(draft, { sent: who + words, key: uuid() });
      drafts.set(place, JSON.stringify(draft));
      await send({ text: words, name: who, key: draft.key, more: trap.value ? { website: trap.value } : {} });
      clear();
    } catch (error) {
      if (error.sanction) learn(host, error.sanction, cancel && said, area);
      else refuse(said, sentence(error));
      if (error.errors?.author_name) name.setAttribute('aria-invalid', 'true');
      if (error.errors?.text) area.setAttribute('aria-invalid', 'true');
    } finally {
      busy = false;
      area.readOnly = false;
      form.removeAttribute('aria-busy');
      relabel();
    }
  }
  function clear() {
    drafts.set(place, null);
    Object.assign(draft, { text: '', sent: null });
    area.value = text = '';
    preview(false);
    typed();
    form.classList.remove('open');
  }
  function keys(event) {
    if (tools.key(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else if (event.key === 'Escape' && cancel) { event.stopPropagation(); cancel(); }
  }
  /** Goes on where the reader was in the field that stood here before. */
  function resume(at) {
    area.focus();
    area.setSelectionRange(at, at);
  }
  measure();
  return Object.assign(form, { resume, start: () => { area.focus(); form.scrollIntoView({ block: 'nearest' }); } });
}

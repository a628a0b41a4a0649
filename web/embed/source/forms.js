// The small forms below a comment: reply, edit, withdraw, report.
import { change, sentence } from './api.js';
import { h, button, refuse } from './dom.js';
import { t, speech } from './strings.js';
import { composer } from './composer.js';
import { post, settle } from './posting.js';

const REASONS = ['insult', 'threat', 'hate', 'spam', 'off-topic', 'personal-data', 'other'];

export function reply(view) {
  const { comment: c, host } = view;
  lay(view, composer(host, {
    key: `r${c.id}`, label: t('writeReply', { name: view.name }), submitLabel: t('reply'), cancel: () => close(view),
    send: async ({ text, name, key, more }) => {
      await post(host, { text, author_name: name, parent_id: c.id, ...more }, key);
      view.slot.replaceChildren();
    },
  }), 'reply');
}

/** Puts a form below a comment; `close` gives the focus back to the button that opened it. */
export function lay(view, element, act) {
  view.slot.replaceChildren(element);
  view.opened = act;
  (element.start ?? (() => element.querySelector('input, button, textarea').focus()))();
}
export function close(view, text) {
  view.slot.replaceChildren(...(text ? [h('p', { class: 'muted', role: 'status' }, text)] : []));
  (view.article.querySelector(`[data-act="${view.opened}"]`) ?? view.article).focus({ preventScroll: true });
}

/** A length of time in words: "4 minutes". */
function lasting(seconds) {
  const [unit, length] = seconds > 90 ? ['minute', 60] : ['second', 1];
  return new Intl.NumberFormat(speech().lang, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(seconds / length));
}

export function edit(view) {
  const { comment: c, host } = view;
  const form = composer(host, {
    key: `e${c.id}`, label: t('writeEdit'), submitLabel: t('save'), text: c.text, named: false, cancel: () => close(view),
    send: async ({ text }) => {
      const answer = await change('PATCH', `comments/${c.id}`, { text });
      view.slot.replaceChildren();
      host.count((answer.comment.status === 'published') - (c.status === 'published'));
      settle(host, host.take(answer.comment));
    },
  });
  const left = h('span', { class: 'hint' });
  form.querySelector('.bar').prepend(left);
  const tell = () => {
    const seconds = (new Date(c.editable_until) - Date.now()) / 1000;
    left.textContent = seconds > 0 ? t('editLeft', { when: lasting(seconds) }) : t('editOver');
    if (seconds > 0 && (form.isConnected || !left.told)) setTimeout(tell, seconds > 90 ? 10000 : 1000);
    left.told = true;
  };
  tell();
  lay(view, form, 'edit');
}

export function withdraw(view) {
  ask(view, t('sureWithdraw'), [], t('withdraw'), 'withdraw', async () => {
    const was = view.comment.status, answer = await change('DELETE', `comments/${view.comment.id}`);
    if (was === 'published') view.host.count(-1);
    Object.assign(view.host.take(answer.comment), { status: 'withdrawn' });
    view.slot.replaceChildren();
    view.refresh();
    view.host.announce(t('youWithdrew'));
    view.article.focus({ preventScroll: true });
  });
}

export function report(view) {
  const { comment: c, host } = view, group = `why${c.id}`;
  const more = h('textarea', { rows: 2, maxlength: 500 });
  const choices = h('div', { class: 'choices' }, ...REASONS.map((reason, i) =>
    h('label', {}, h('input', { type: 'radio', name: group, value: reason, checked: !i }), t(reason))));
  const hide = c.author && button('quiet', () => host.walk('mute', view), t('mute'));
  ask(view, t('reportWhy'), [choices, h('label', { class: 'label' }, t('reportMore'), more), hide], t('send'), 'report', async () => {
    const text = more.value.trim(), reason = choices.querySelector(':checked').value;
    await change('POST', `comments/${c.id}/reports`, { reason, ...(text && { text }) });
    host.reported.add(c.id);
    host.tell('reported', { id: c.id, reason });
    view.refresh();
    close(view, t('thanks'));
  });
}

/** A small question in place: a few fields, one button that does it, one that does not. */
export function ask(view, question, fields, yes, act, work) {
  const said = h('div'), form = h('form', {
    class: 'ask', part: 'form', onkeydown: (event) => event.key === 'Escape' && close(view),
    onsubmit: async (event) => {
      event.preventDefault();
      if (form.ariaBusy) return;
      form.ariaBusy = 'true';
      try { await work(); } catch (error) { refuse(said, sentence(error)); }
      form.ariaBusy = null;
    },
  }, h('fieldset', {}, h('legend', {}, question), ...fields), said,
  h('div', { class: 'buttons' },
    button('quiet', () => close(view), t(act === 'withdraw' ? 'keep' : 'cancel')),
    h('button', { class: 'primary' }, yes)));
  lay(view, form, act);
}

// For staff alone, loaded only with their token: what readers cannot see of a thread, in its place, and what to do about it.
import { onDuty, send, sentence } from './api.js';
import { h, button, refuse } from './dom.js';
import { t, teach } from './strings.js';
import { part } from './parts.js';
import css from './staff.css';

teach({
  duty: 'Moderation', moderatingAs: 'Moderating as', leaveDuty: 'Leave', close: 'Close',
  waiting: { one: '{n} waiting', other: '{n} waiting' }, nextWaiting: 'Go to the next one that waits',
  earlier: 'Show older ones', noneHere: 'What waits is further down. Load more comments, or open the queue.',
  dutyOver: 'Your hour on this page is over, or you were signed out. Open it from the console again.',
  nowHeld: 'Held', nowUnscored: 'Being checked', nowRejected: 'Rejected',
  moderate: 'Moderate', approve: 'Approve', publish: 'Publish after all', keepUp: 'Keep it',
  reject: 'Reject', rejectMore: 'Reject…', takeDown: 'Take down…', undo: 'Undo', openCase: 'Open case', newTab: '(opens the console in a new tab)',
  rejectWhy: 'Why is it not published? Its author sees the reason.', noReason: 'No reason',
  nothingDone: 'Nothing was changed now; this is how it stands.',
  whyHere: 'Why readers do not see it', score: '{label} {value}',
  stray: 'A reply to {name}, whose comment is not loaded here.',
  writingAs: 'Posting as', postWaits: 'It is written down. Readers see it once it has been checked.',
});
const NOW = { held: 'nowHeld', unscored: 'nowUnscored', rejected: 'nowRejected' };
const waits = (desk) => desk?.status === 'held' || desk?.status === 'unscored';
const isHidden = (desk) => desk && desk.status !== 'published' && desk.status !== 'withdrawn';

let duty = null, said = '';
const sheet = new CSSStyleSheet();

/** Trades the console's code for a token, once; answers what gives each discussion of the page its desk. */
export async function begin(code) {
  sheet.replaceSync(css);
  try {
    if (code) onDuty.set('', JSON.stringify(await send('POST', 'staff-tokens', { body: { code }, as: '' })));
  } catch (error) { said = sentence(error); }
  duty = JSON.parse(onDuty.get() ?? 'null');
  return (host) => {
    if (!host.shadowRoot.adoptedStyleSheets.includes(sheet)) host.shadowRoot.adoptedStyleSheets.push(sheet);
    return duty || said ? new Desk(host) : undefined;
  };
}

/** One discussion as its staff see it; without a token it only says why there is none. */
class Desk {
  constructor(host) {
    Object.assign(this, { host, known: new Map(), reasons: [], waiting: 0, next: 0, off: !duty, writer: duty?.writes ? duty.name : '' });
    if (this.writer) this.post = (...request) => this.write(...request);
    this.bar = h('div', { class: 'duty', role: 'region', 'aria-label': t('duty') });
    this.paint();
  }

  paint() {
    if (!duty) {
      const dismiss = () => { said = ''; this.bar.remove(); };
      return this.bar.replaceChildren(h('p', { role: 'alert' }, said), button('quiet', dismiss, t('close')));
    }
    const go = button('quiet count', () => this.step(), t('waiting', { n: this.waiting }), h('span', { class: 'sr' }, `. ${t('nextWaiting')}`));
    go.disabled = !this.waiting;
    this.bar.replaceChildren(
      h('p', {}, `${t('moderatingAs')} `, h('bdi', {}, duty.name)), go,
      ...(this.next ? [button('quiet', () => this.fill(this.host.run, this.next), t('earlier'))] : []),
      button('quiet', () => this.end(''), t('leaveDuty')));
  }

  /** Off duty: the token is forgotten here and the discussion is drawn as readers see it. */
  end(text) {
    onDuty.set('', null);
    duty = null;
    said = text;
    // Every discussion of the page is drawn as readers see it again.
    for (const one of document.querySelectorAll('parley-thread')) {
      if (!one.desk) continue;
      one.desk.off = true;
      one.load();
    }
  }

  async ask(method, path, more) {
    try { return await send(method, path, { ...more, as: duty?.staff_token ?? '' }); } catch (error) {
      if (error.status === 401 && !this.off) this.end(t('dutyOver'));
      throw error;
    }
  }

  /** Fetches what readers do not see and puts it where it belongs. */
  async fill(run, below) {
    const { host } = this, { id } = host.thread, at = +location.hash.match(/^#comment-(\d+)$/)?.[1];
    if (this.off || !id) return;
    try {
      const page = await this.ask('GET', `moderation/threads/${id}/comments`, { query: { below } });
      // The one that was come for may be far down the list.
      const asked = at && !host.views.has(at) && !page.comments.some((one) => one.id === at);
      const alone = asked && await this.ask('GET', `moderation/threads/${id}/comments/${at}`).catch(() => null);
      if (run !== host.run || this.off) return;
      Object.assign(this, { waiting: page.waiting, next: page.next, reasons: page.reasons });
      const told = alone && isHidden(alone.desk) ? [...page.comments, alone] : page.comments;
      for (const one of told.sort((a, b) => a.id - b.id)) this.place(host.take(one));
      if (!host.main.querySelector('form, .ask')) host.draw();
      this.paint();
    } catch (error) {
      if (run !== host.run || error.status === 401) return;
      this.off = error.status === 404;  // a discussion of another site: nothing to do here
      this.off ? this.bar.remove() : refuse(this.bar, sentence(error));
    }
  }
  place(comment) {
    const { host } = this, parent = host.store.get(comment.parent_id), list = parent ? parent.replies : host.roots;
    if (list.includes(comment)) return;
    comment.stray = comment.parent_id && !parent;
    const age = (one) => new Date(one.created_at), down = !parent && host.sort === 'newest';
    const behind = (one) => down ? age(one) < age(comment) : age(one) > age(comment);
    const index = !parent && (comment.stray || !/est$/.test(host.sort) || host.sort === 'best') ? 0 : list.findIndex(behind);
    list.splice(index < 0 ? list.length : index, 0, comment);
  }

  /** The public form of a comment says nothing of a hidden one: what is known of it stays. */
  took(comment) {
    const { id, desk, author, html, by_staff } = comment, known = this.known.get(id);
    if (desk && desk !== known?.desk) this.known.set(id, { desk, author, html, by_staff });
    else if (known && isHidden(known.desk) && comment.state === 'published') {
      this.known.delete(id);
      delete comment.desk;
    } else if (known && isHidden(known.desk)) Object.assign(comment, known);
  }

  /** Adds to a comment that was just drawn: its status, why, and what can be done. */
  dress(view, article) {
    const { comment: c } = view, { desk } = c, row = article.querySelector('.actions');
    if (this.off || !row) return;
    if (!isHidden(desk)) {
      const more = button('act', () => this.toggle(view), t('moderate'));
      more.dataset.act = 'moderate';
      row.append(more);
      return;
    }
    const head = article.querySelector('.head');
    article.classList.add('hidden-one');
    head.insertBefore(h('span', { class: `badge ${desk.status}` }, t(NOW[desk.status])), view.folder);
    head.after(this.why(c));
    row.classList.add('tools');
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', `${t('moderate')}: ${t('by', { name: view.name })}`);
    row.replaceChildren(...this.tools(view));
  }
  why({ desk, stray, parent_author }) {
    const told = [stray && t('stray', { name: parent_author }), ...(desk.status === 'rejected' ? [desk.happened] : []), ...desk.why].filter(Boolean);
    const rest = desk.scores.filter((score) => !score.is_over);  // those over a threshold are among the reasons
    return h('div', { class: 'why', role: 'note', 'aria-label': t('whyHere') },
      h('ul', {}, ...told.map((text) => h('li', {}, text))),
      rest.length > 0 && h('p', { class: 'scores' }, ...rest.map(({ label, value }) => h('span', {}, t('score', { label, value: value.toFixed(2) })))));
  }
  tools(view) {
    const { comment: { id, desk } } = view, shown = desk.status === 'published', list = [];
    const add = (act, text, onclick, className = 'act') => {
      const made = button(className, onclick, text);
      made.dataset.act = act;
      list.push(made);
    };
    if (desk.can.includes('approve')) {
      add('approve', t(shown ? 'keepUp' : desk.status === 'rejected' ? 'publish' : 'approve'), () => this.decide(view, { decision: 'approve' }), 'act yes');
    }
    if (desk.can.includes('reject')) add('reject', t(shown ? 'takeDown' : 'rejectMore'), () => this.reject(view), 'act no');
    if (desk.undo) add('undo', t('undo'), () => this.undo(view));
    list.push(h('a', { class: 'act', href: new URL(`../console/cases/${id}`, import.meta.url), target: '_blank', rel: 'noopener' },
      t('openCase'), h('span', { class: 'sr' }, ` ${t('newTab')}`)));
    return list;
  }

  /** The same for a published comment, in a small panel below it, about the comment as it stands now. */
  async toggle(view) {
    try {
      const { writing } = await part('write');
      if (view.slot.querySelector('.tools')) return writing.close(view);
      await this.again(view);
      view = this.host.views.get(view.comment.id) ?? view;  // drawn anew meanwhile, perhaps
      if (isHidden(view.comment.desk)) return;
      const panel = h('div', { class: 'ask', onkeydown: (event) => event.key === 'Escape' && writing.close(view) },
        view.comment.desk.why.length > 0 && this.why(view.comment),
        h('div', { class: 'tools', role: 'group', 'aria-label': `${t('moderate')}: ${t('by', { name: view.name })}` }, ...this.tools(view)));
      panel.start = () => panel.querySelector('button, a').focus();
      writing.lay(view, panel, 'moderate');
    } catch (error) { refuse(view.slot, sentence(error)); }
  }
  async reject(view) {
    const { writing } = await part('write').catch((error) => ({ failed: refuse(view.slot, sentence(error)) }));
    if (!writing) return;
    const group = `desk${view.comment.id}`, shown = view.comment.desk.status === 'published';
    const choices = h('div', { class: 'choices' }, ...[{ key: '', name: t('noReason') }, ...this.reasons].map(({ key, name, told }) =>
      h('label', { title: told }, h('input', { type: 'radio', name: group, value: key, checked: !key }), name)));
    writing.ask(view, t('rejectWhy'), [choices], t('reject'), shown ? 'moderate' : 'reject', () => {
      const key = choices.querySelector(':checked').value;
      return this.decide(view, { decision: 'reject', ...(key && { reasons: [key] }) });
    });
  }
  decide(view, body) {
    const { id, desk } = view.comment;
    return this.change(view, `moderation/cases/${id}/decisions`, { ...body, version: desk.version });
  }
  undo(view) { return this.change(view, `moderation/decisions/${view.comment.desk.undo}/undo`, {}); }

  /** Sends one decision; if somebody was faster, says who and shows how it stands. */
  async change(view, path, body) {
    const { host } = this;
    if (view.busy) return;
    view.busy = true;
    try {
      const late = await this.ask('POST', path, { body }).then(() => false, (error) => error.status === 409 ? true : Promise.reject(error));
      await this.again(view);
      const { desk } = view.comment, text = late ? `${desk.happened} ${t('nothingDone')}` : desk.happened;
      const note = h('p', { class: late ? 'done late' : 'done', tabindex: -1 }, text);
      if (!isHidden(desk) && desk.undo) note.append(' ', button('quiet', () => this.undo(view), t('undo')));
      view.slot.replaceChildren(note);
      host.announce(text);
      (late ? note : note.querySelector('button') ?? view.article.querySelector('[data-act=undo]') ?? note).focus({ preventScroll: true });
    } catch (error) { refuse(view.slot, sentence(error)); }
    view.busy = false;
  }
  /** The comment as the server has it now, with the counts that follow from it. */
  async again(view) {
    const { host } = this, { comment } = view, before = { ...comment.desk }, was = comment.state === 'published';
    const told = await this.ask('GET', `moderation/threads/${host.thread.id}/comments/${comment.id}`);
    host.take(told);
    const step = (comment.state === 'published') - was, parent = host.store.get(comment.parent_id);
    if (step) host.count(step);
    if (parent) parent.reply_count += step;
    this.waiting = Math.max(0, this.waiting + waits(comment.desk) - waits(before));
    this.paint();
    view.refresh();
  }

  /** To the next comment that waits, in the order of the page, from the beginning again after the last. */
  step() {
    const { host } = this, drawn = [...host.views.values()].filter((view) => waits(view.comment.desk));
    drawn.sort((a, b) => a.article.compareDocumentPosition(b.article) & 4 ? -1 : 1);
    if (!drawn.length) return this.next ? this.fill(host.run, this.next) : refuse(this.bar, t('noneHere'));
    const now = drawn.findIndex((view) => view.article.classList.contains('target'));
    host.mark(drawn[(now + 1) % drawn.length]);
  }

  /** In place of the field for a name. */
  byline() {
    return this.writer && h('span', { class: 'name' }, `${t('writingAs')} `, h('bdi', {}, this.writer), ' ', h('span', { class: 'badge' }, t('staff')));
  }
  /** Posts as staff; what the answer says to an author is left out: there is no editing it here. */
  async write(method, path, body, headers) {
    const answer = await this.ask(method, path, { body, headers });
    const { status, text, revision, editable_until, notice, ...comment } = answer.comment;
    if (status !== 'published') {
      Object.assign(comment, await this.ask('GET', `moderation/threads/${comment.thread_id}/comments/${comment.id}`), { notice: t('postWaits') });
      this.waiting += waits(comment.desk);
      this.paint();
    }
    return { comment };
  }
}

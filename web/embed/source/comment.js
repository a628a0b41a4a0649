// One comment: how it looks to this reader, what they can do with it, and the branch below it.
import { sentence } from './api.js';
import { h, button, icon, insertRendered, avatar, time, refuse } from './dom.js';
import { t } from './strings.js';
import { part } from './parts.js';

const BADGE = { held: 'isHeld', unscored: 'isUnscored', rejected: 'isRejected' };

export class CommentView {
  constructor(host, comment, level) {
    Object.assign(this, { host, comment, level });
    host.views.set(comment.id, this);
    this.slot = h('div', { class: 'slot' });  // one small form at a time: reply, edit, report, withdraw
    this.list = h('ol', { class: 'list', role: 'list' });
    this.tail = h('div', { class: 'tail' });
    this.article = h('article');
    this.item = h('li', { class: 'item' }, this.article, h('div', { class: 'rail', onclick: () => this.fold() }), this.list, this.tail);
    this.refresh();
    this.branch();
  }

  get name() { return this.comment.author?.name ?? ''; }

  /** Draws the comment itself again; an open form and the focus stay where they are. */
  refresh() {
    const { comment: c, host, level } = this, gone = (c.desk ?? c).status ? (c.desk ?? c).status === 'withdrawn' : c.state !== 'published';
    const had = this.article.contains(host.shadowRoot.activeElement) && host.shadowRoot.activeElement;
    const badge = !c.desk && BADGE[c.status], hid = !c.desk && host.muted.has(c.author?.id);
    this.folder = button('fold', () => this.fold());
    const fresh = h('article', {
      class: badge ? 'comment own' : 'comment', part: 'comment', tabindex: -1, 'data-id': c.id,
      'aria-label': gone ? null : t('by', { name: this.name }),
    },
      avatar(gone ? null : c.author),
      h('header', { class: 'head' },
        h(`h${Math.min(6, 3 + level % 8)}`, { class: 'author', part: 'author' },
          gone ? h('span', { class: 'muted' }, t(c.status ? 'youWithdrew' : c.state)) : h('bdi', {}, this.name)),
        ...[c.featured && 'featured', c.unread && 'unread', !gone && c.by_staff && 'staff']
          .map((key) => key && h('span', { class: `badge ${key}`, part: 'badge' }, t(key))),
        h('a', { class: 'when', href: c.permalink, onclick: (event) => this.share(event) }, time(c.created_at)),
        !gone && c.edited_at && h('span', { class: 'muted' }, t('edited')),
        h('span', { class: 'muted count' }, t('folded', { n: c.descendant_count ?? 0 })),
        badge && h('span', { class: `badge ${c.status}` }, t(badge)),
        this.folder),
      // Who has an own comment has what belongs to writing.
      badge && h('p', { class: 'notice', part: 'notice' }, host.write?.noticeOf(c)),
      !gone && c.status && host.write?.appealLine(c),
      hid && h('p', { class: 'muted' }, t('mutedOne'), ' ', button('more', () => host.walk('unmute', this), t('unmute'))),
      !gone && !hid && insertRendered(h('div', { class: 'body', part: 'body', dir: 'auto' }), c.html),
      !gone && !hid && h('div', { class: 'actions', part: 'actions' }, ...this.actions()),
      this.slot);
    fresh.classList.toggle('target', this.article.matches('.target'));
    host.desk?.dress(this, fresh);
    this.article.replaceWith(fresh);
    this.article = fresh;
    this.foldAs(!!c.folded);
    // The same button again if it is still there, else the comment: never the top of the page.
    const next = had && (this.slot.contains(had) ? had : fresh.querySelector(`[data-act="${had.dataset.act}"]`));
    if (had) (next ?? fresh).focus({ preventScroll: true });
  }

  actions() {
    const { comment: c, host } = this, shown = (c.status ?? c.state) === 'published', list = [];
    const add = (act, onclick, className = 'act') => {
      const made = button(className, onclick, t(act));
      made.dataset.act = act;
      list.push(made);
      return made;
    };
    if (shown) list.push(this.votes());
    if (shown && host.thread.state === 'open' && !host.silent) add('reply', () => this.write('reply'));
    if (shown) add('link', (event) => this.share(event));
    if (c.status && c.status !== 'rejected') {
      if (c.editable_until && new Date(c.editable_until) > Date.now() && !host.silent) add('edit', () => this.write('edit'));
      add('withdraw', () => this.write('withdraw'));
    } else if (c.status === 'rejected' && c.appeal === 'possible') add('object', () => this.write('object'));
    else if (c.status || !shown) return list;
    else if (host.reported.has(c.id)) list.push(h('span', { class: 'act still' }, t('reported')));
    else add('report', () => this.write('report'));
    return list;
  }

  /** Two arrows and their numbers. */
  votes() {
    const { comment: c, host } = this, mine = host.votes.get(c.id) ?? 0;
    return h('span', { class: 'votes' }, ...[['up', 1], ['down', -1]].map(([way, value]) => {
      const made = button('vote', () => host.walk('vote', this, value), icon(way), h('span', {}, c[way] || ''));
      made.dataset.act = way;
      made.setAttribute('aria-pressed', mine === value);
      made.setAttribute('aria-label', t(way, { n: c[way] }));
      made.disabled = !!c.status;  // nobody votes on their own
      return made;
    }));
  }

  /** Opens one of the forms, which come with the rest of writing when the first is asked for. */
  async write(act) {
    const { host } = this;
    try {
      const { forms, writing } = await part('write');
      host.write ??= writing;
      // Drawn anew meanwhile, perhaps.
      forms[act](host.views.get(this.comment.id) ?? this);
    } catch (error) { refuse(this.slot, sentence(error)); }
  }

  share(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // a new tab was asked for
    event.preventDefault();
    this.host.walk('share', this);
  }
  fold() { this.foldAs(!this.comment.folded); this.folder.focus({ preventScroll: true }); }
  foldAs(folded) {
    this.comment.folded = folded;
    this.item.classList.toggle('folded', folded);
    this.folder.replaceChildren(icon(folded ? 'plus' : 'minus'));
    this.folder.setAttribute('aria-expanded', String(!folded));
    this.folder.setAttribute('aria-label', t(folded ? 'expand' : 'collapse', { name: this.name }));
  }

  /** Draws the replies, or, where the column has become too narrow, the way to them. */
  branch() {
    const { comment: c, host, level } = this, replies = host.repliesOf(c);
    if (level >= host.depth && (replies.length || c.reply_count)) {
      const n = Math.max(c.descendant_count ?? 0, c.reply_count ?? 0, replies.length);
      this.list.replaceChildren();
      this.tail.replaceChildren(button('more', () => host.walk('open', c.id, true), t('deeper', { n }), icon('into')));
    } else {
      this.list.replaceChildren(...replies.map((reply) => new CommentView(host, reply, level + 1).item));
      this.rest();
    }
  }

  rest() {
    const n = this.host.missing(this.comment);
    this.tail.replaceChildren(...(n > 0 ? [button('more', () => this.host.walk('load', this), t('moreReplies', { n }))] : []));
  }
}

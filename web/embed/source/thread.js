// One discussion on a page: what is loaded of it, which part is drawn, and what this reader has done in it.
import { get, change, identity, kept, drafts, sentence, tonguesOf } from './api.js';
import { h, button, icon, refuse, backdrop, reveal, tick, sheets } from './dom.js';
import { t, spoken, speak, speech } from './strings.js';
import { CommentView } from './comment.js';
import { part } from './parts.js';

const SORTS = ['newest', 'oldest', 'best', 'replies', 'active'];
const SETTLED = 20000;  // ms after which somebody who is still here is told of new comments

export class ParleyThread extends HTMLElement {
  static observedAttributes = ['page-id', 'url', 'site', 'sort', 'theme', 'lang'];

  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
    this.run = 0;
    this.onhash = () => this.follow();
    this.onback = () => this.stuck ? this.load() : this.frame?.querySelector('.plain > .error') && this.equip();
    this.onlook = () => { this.dress(); this.renew(); };
    this.width = new ResizeObserver(() => this.measure() && this.main && !this.main.parentNode.querySelector('.main form, .search') && this.draw());
    this.look = new MutationObserver(this.onlook);
    // Somebody who never comes this far down loads nothing.
    this.eye = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.come(), { rootMargin: '1000px' });
    this.shadowRoot.adoptedStyleSheets = sheets;
  }

  connectedCallback() {
    addEventListener('hashchange', this.onhash);
    addEventListener('online', this.onback);
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', this.onlook);
    const attributeFilter = ['class', 'style', 'data-theme', 'lang'];
    for (const root of [document.documentElement, document.body]) this.look.observe(root, { attributeFilter });
    this.width.observe(this);
    this.clock = setInterval(tick, 60000, this.shadowRoot);
    // Moved within the page: everything is still here.
    if (this.main && this.asked === this.question) {
      this.dress();
      this.listen(this.run);
    }
    else if (this.asked || /^#(comment-|thread$)/.test(location.hash)) this.come();
    else this.eye.observe(this);
  }
  come() {
    this.eye.disconnect();
    this.load();
  }
  disconnectedCallback() {
    removeEventListener('hashchange', this.onhash);
    removeEventListener('online', this.onback);
    this.dark.removeEventListener('change', this.onlook);
    this.look.disconnect();
    this.eye.disconnect();
    clearTimeout(this.later);
    this.width.disconnect();
    clearInterval(this.clock);
    clearTimeout(this.ends);
  }
  attributeChangedCallback(name) {
    if (name === 'theme') this.dress();
    // Several attributes changed together are one change.
    else queueMicrotask(() => this.renew());
  }
  renew() { if (this.isConnected && this.asked !== undefined && this.asked !== this.question) this.load(); }

  get query() { return identity(this); }
  get place() { return this.query.page_id ?? this.query.url; }
  get question() { return JSON.stringify([this.place, this.query.site, this.getAttribute('sort'), this.tongue]); }
  get tongue() { return spoken(tonguesOf(this)); }

  /** Light or dark, by the attribute or by what stands behind; a theme against the page gets its own ground. */
  dress() {
    if (!this.frame || !this.isConnected) return;
    const behind = backdrop(this), wanted = { light: 'light', dark: 'dark' }[this.getAttribute('theme')] ?? behind;
    this.frame.classList.toggle('dark', wanted === 'dark');
    this.frame.classList.toggle('ground', wanted !== behind);
  }
  /** How many levels fit; true when that has changed. */
  measure() {
    const width = this.clientWidth, fits = width < 480 ? 3 : width < 720 ? 5 : 6;
    const most = +this.getAttribute('max-depth'), depth = most >= 1 ? Math.min(fits, most) : fits, changed = depth !== this.depth;
    this.depth = depth;
    this.frame?.classList.toggle('narrow', fits < 4);
    return changed;
  }
  show(...children) {
    const had = this.shadowRoot.activeElement;
    this.live ??= h('p', { class: 'sr', 'aria-live': 'polite' });
    this.frame = h('section', { class: 'parley', part: 'thread', 'aria-label': t('none'), tabindex: -1, ...speech() }, ...children, this.live);
    this.shadowRoot.replaceChildren(this.frame);
    this.measure();
    this.dress();
    // What had the focus is gone; its reader is still here.
    if (had) this.frame.focus({ preventScroll: true });
  }
  announce(text) { this.live.textContent = text; }
  tell(name, detail) { this.dispatchEvent(new CustomEvent(`parley:${name}`, { detail, bubbles: true, composed: true })); }

  async load() {
    const run = ++this.run;
    clearTimeout(this.later);
    this.asked = this.question;
    Object.assign(this, {
      store: new Map(), views: new Map(), votes: new Map(), reported: new Set(), path: new Map(),
      roots: [], sanctions: [], silent: false, focus: null, stuck: false, main: null,
      muted: new Set(JSON.parse(kept.get(':muted') ?? '[]')),
    });
    // Words and comments are asked for at once.
    const page = get('threads', { ...this.query, sort: kept.get(':sort') ?? this.getAttribute('sort') });
    page.catch(() => {});
    await speak(this.tongue).catch(() => {});
    if (run !== this.run) return;
    this.desk = (await ParleyThread.staff)?.(this);  // for staff alone; others load nothing of it
    if (this.muted.size) await part('walk').catch(() => {});
    if (run !== this.run) return;
    const bones = () => h('div', {}, h('i'), h('i'), h('i'), h('i'));
    this.show(h('div', { class: 'skeleton', 'aria-hidden': 'true' }, bones(), bones(), bones()),
      h('p', { class: 'sr', role: 'status' }, t('loading')));
    try {
      const told = await page;
      if (run !== this.run) return;
      this.fill(told);
      this.thread = told.thread;
      this.compose();
      this.draw();
      this.tell('ready', { thread: this.thread });
      await this.mine(run);
      if (run !== this.run) return;
      await this.follow();
      // Marks what is new since the last visit, and tells of what comes: of those who wrote here the last visit is known.
      this.listen(run);
    } catch (error) {
      if (run !== this.run) return;
      if (this.main) return refuse(this.main, sentence(error));
      this.stuck = true;
      if (error.status !== 0 || navigator.onLine) console.error('Parley:', sentence(error), 'Is this origin a site’s, and the server in connect-src?');
      const offline = error.status === 0 && !navigator.onLine;
      this.show(h('div', { class: 'state' }, h('h2', {}, t('failed')),
        h('p', { role: 'alert' }, offline ? t('offlineRead') : sentence(error)),
        button('primary', () => this.load(), t('retry'))));
    }
  }

  listen(run) {
    clearTimeout(this.later);
    this.later = setTimeout(() => part('live').then((live) => run === this.run && this.isConnected && live.watch(this, run), () => {}), kept.get() ? 0 : SETTLED);
  }

  fill(page, append) {
    const roots = page.comments.map((comment) => this.take(comment));
    this.roots = append ? [...new Set([...this.roots, ...roots])] : roots;
    if (!append) this.featured = page.featured.map((one) => this.store.get(one.id) ?? this.take(one));
    Object.assign(this, { next: page.next, sort: page.sort });
  }

  /** What belongs to this reader alone. */
  async mine(run) {
    await this.desk?.fill(run);
    const mine = kept.get() && this.thread.id && await get(`threads/${this.thread.id}/mine`).catch(() => null);
    if (!mine || run !== this.run) return;
    this.name = mine.name;
    for (const id in mine.votes) this.votes.set(+id, mine.votes[id]);
    for (const id of mine.reported) this.reported.add(id);
    if (mine.sanctions.length || mine.comments.length) {
      const got = await part('write').catch(() => {});
      if (run !== this.run) return;
      this.write = got?.writing;
      await this.write?.own(this, mine);
    }
    for (const view of this.views.values()) view.refresh();
  }

  /** One object per comment, however often it is told of; `parent` gets it among its replies. */
  take(told, parent) {
    const { replies = [], ...rest } = told, comment = this.store.get(told.id) ?? { replies: [] };
    this.store.set(told.id, comment);
    // The public form says nothing of the author's: a published one is published, a removed one is no longer "mine".
    if (comment.status && !told.status) {
      if (told.state === 'published') Object.assign(comment, { status: 'published', notice: '' });
      else if (comment.status === 'published') comment.status = undefined;
    }
    Object.assign(comment, rest);
    for (const reply of replies) this.take(reply, comment);
    if (parent && !parent.replies.includes(comment)) parent.replies.push(comment);
    this.desk?.took(comment);
    return comment;
  }
  repliesOf(comment) {
    const only = this.path.get(comment.id);
    return only ? [only] : comment.replies;
  }
  missing(comment) {
    if (this.path.has(comment.id)) return comment.reply_count - 1;
    const here = comment.replies.filter((reply) => ((reply.desk ?? reply).status ?? 'published') === 'published').length;
    return comment.complete ? 0 : Math.max(comment.reply_count - here, comment.more_replies ? 1 : 0);
  }

  /** The frame around the list: heading, order, and the place to write. */
  compose() {
    const closed = this.thread.state !== 'open';
    this.heading = h('h2', { class: 'title', part: 'heading', tabindex: -1 });
    this.main = h('div', { class: 'main' });
    this.crumbs = h('div', { class: 'crumbs' });
    const order = h('select', { id: 'sort', part: 'input', onchange: () => this.walk('order', order.value) },
      ...SORTS.map((sort) => h('option', { value: sort, selected: sort === this.sort }, t(sort))));
    const { url, page_id, site } = this.query;
    this.show(this.desk?.bar, h('header', { class: 'top' }, this.heading,
      this.hasAttribute('points') && h('parley-points', { url, 'page-id': page_id, site, title: this.getAttribute('title') }),
      h('span', { class: 'sort' }, button('quiet', () => this.walk('search'), t('search')), h('label', { for: 'sort' }, t('sort')), order)),
      h('div', { class: 'write' }, closed ? h('p', { class: 'closed' }, t('closed')) : this.invitation(), !closed && this.thread.moderation === 'pre' && h('p', { class: 'muted' }, t('pre'))),
      this.crumbs, this.main);
    this.tally();
  }
  /** A plain field, until somebody goes to it: the rest of writing is fetched then. Who wrote before gets it at once. */
  invitation() {
    const place = `${this.place}:new`, draft = JSON.parse(drafts.get(place) ?? '{}');
    const area = h('textarea', {
      rows: 3, part: 'input', placeholder: t('invite'), 'aria-label': t('write'),
      oninput: () => drafts.set(place, JSON.stringify({ ...draft, text: area.value })),
    });
    area.value = draft.text ?? '';
    const form = h('form', { class: 'composer plain', part: 'composer', onfocusin: () => this.equip(form) }, area);
    if (kept.get() || draft.text) queueMicrotask(() => this.equip(form));
    return form;
  }
  /** Puts the composer in the place of the plain field; what was typed meanwhile, and the focus, stay. */
  equip(plain = this.frame.querySelector('.plain')) { return plain && (plain.equipped ??= this.furnish(plain)); }
  async furnish(plain) {
    try {
      const { composer, post } = this.write = (await part('write')).writing;
      // Taken out of the page for now: it is tried again when it is back.
      if (!plain.isConnected) return void (plain.equipped = null);
      const form = composer(this, {
        key: 'new', label: t('write'), send: ({ text, name, key, more }) => post(this, { text, author_name: name, ...more }, key),
      }), area = plain.firstChild, at = this.shadowRoot.activeElement === area ? area.selectionStart : -1;
      plain.replaceWith(form);
      if (at >= 0) form.resume(at);
    } catch (error) {
      plain.equipped = null;
      refuse(plain, sentence(error));
    }
  }
  count(more) {
    this.thread.comment_count += more;
    this.tally();
  }
  tally() {
    const n = this.thread.comment_count;
    this.heading.textContent = n ? t('comments', { n }) : t('none');
    this.frame.classList.toggle('few', n < 2);
  }

  draw() {
    if (!this.main) return;
    this.views.clear();
    // Another width has room for more or fewer levels: who was at a comment stays there.
    const { focus } = this, at = this.main.querySelector('.comment:focus-within'), roots = focus ? [focus.top] : this.roots;
    this.frame.classList.toggle('single', !!focus);
    this.crumbs.replaceChildren();
    if (focus) this.walk('crumbs');
    this.list = h('ol', { class: 'list', role: 'list' }, ...roots.map((comment) => new CommentView(this, comment, 0).item));
    this.foot = h('div', { class: 'foot' });
    this.main.replaceChildren(this.list, this.foot);
    if (!focus && this.featured[0]) this.walk('feature');
    this.bottom();
    if (at) this.views.get(+at.dataset.id)?.article.focus({ preventScroll: true });
  }
  /** Goes somewhere else in the discussion; how is fetched with the first step. */
  async walk(step, ...where) {
    try { return await (await part('walk'))[step](this, ...where); } catch (error) { this.main && refuse(this.main, sentence(error)); }
  }
  bottom() {
    this.foot.replaceChildren();
    if (this.focus) return;
    if (this.next) this.foot.append(button('wide', () => this.walk('page'), t('more')));
    else if (!this.roots.length) {
      this.foot.append(h('div', { class: 'state' }, icon('talk'), h('p', { class: 'big' }, t('empty')),
        this.thread.state === 'open' && h('p', {}, t('emptyHint'))));
    }
  }

  /** Opens the comment that the address names, if it belongs to this discussion. */
  async follow() {
    const id = +location.hash.match(/^#comment-(\d+)$/)?.[1];
    // Links that count comments lead here.
    if (location.hash === '#thread' && !document.getElementById('thread')) this.scrollIntoView();
    if (!id || !this.main) return;
    const view = this.views.get(id);
    view?.article.isConnected ? this.mark(view) : await this.walk('open', id);
  }
  /** The comment the reader came for: marked, in view and focused, with nothing folded above it. */
  mark(view) {
    for (let up = view; up; up = this.views.get(up.comment.parent_id)) if (up.comment.folded) up.foldAs(false);
    for (const one of this.views.values()) one.article.classList.toggle('target', one === view);
    reveal(view.article);
  }
}

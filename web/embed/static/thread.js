// One discussion on a page: what is loaded of it, which part is drawn, and what this reader has done in it.
import { get, change, identity, kept, sentence } from './api.js';
import { h, button, icon, refuse, backdrop, reveal, tick, t } from './dom.js';
import { CommentView } from './comment.js';
import { composer } from './composer.js';
import { restrain } from './sanctions.js';

const SORTS = ['newest', 'oldest', 'best', 'replies'];
const WAITS = [1500, 3000, 6000, 12000, 24000];  // ms between looks at a comment that is still being checked

export class ParleyThread extends HTMLElement {
  static observedAttributes = ['page-id', 'url', 'site', 'sort', 'theme'];
  static style = Promise.resolve();

  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
    this.run = 0;
    this.onhash = () => this.follow();
    this.onback = () => this.stuck && this.load();
    this.onlook = () => this.dress();
    this.width = new ResizeObserver(() => this.measure() && this.main && !this.main.querySelector('form') && this.draw());
    this.look = new MutationObserver(this.onlook);
  }

  connectedCallback() {
    addEventListener('hashchange', this.onhash);
    addEventListener('online', this.onback);
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', this.onlook);
    const attributeFilter = ['class', 'style', 'data-theme'];
    for (const root of [document.documentElement, document.body]) this.look.observe(root, { attributeFilter });
    this.width.observe(this);
    this.clock = setInterval(tick, 60000, this.shadowRoot);
    // Moved within the page: everything is still here.
    if (!this.main || this.asked !== this.question) this.load();
    else this.dress();
  }
  disconnectedCallback() {
    removeEventListener('hashchange', this.onhash);
    removeEventListener('online', this.onback);
    this.dark.removeEventListener('change', this.onlook);
    this.look.disconnect();
    this.width.disconnect();
    clearInterval(this.clock);
    clearTimeout(this.ends);
  }
  attributeChangedCallback(name) {
    if (name === 'theme') this.dress();
    // Several attributes changed together are one change.
    else queueMicrotask(() => this.isConnected && this.asked !== undefined && this.asked !== this.question && this.load());
  }

  get query() { return identity(this); }
  get place() { return this.query.page_id ?? this.query.url; }
  get question() { return JSON.stringify([this.place, this.query.site, this.getAttribute('sort')]); }

  /** Light or dark, by the attribute or by what stands behind; a theme against the page gets its own ground. */
  dress() {
    if (!this.frame || !this.isConnected) return;
    const behind = backdrop(this), wanted = { light: 'light', dark: 'dark' }[this.getAttribute('theme')] ?? behind;
    this.frame.classList.toggle('dark', wanted === 'dark');
    this.frame.classList.toggle('ground', wanted !== behind);
  }
  /** How many levels fit; true when that has changed. */
  measure() {
    const width = this.clientWidth, depth = width < 480 ? 3 : width < 720 ? 5 : 6, changed = depth !== this.depth;
    this.depth = depth;
    this.frame?.classList.toggle('narrow', depth < 4);
    return changed;
  }
  show(...children) {
    this.live ??= h('p', { class: 'sr', 'aria-live': 'polite' });
    this.frame = h('section', { class: 'parley', part: 'thread', 'aria-label': t('none') }, ...children, this.live);
    this.shadowRoot.replaceChildren(this.frame);
    this.measure();
    this.dress();
  }
  announce(text) { this.live.textContent = text; }
  tell(name, detail) { this.dispatchEvent(new CustomEvent(`parley:${name}`, { detail, bubbles: true, composed: true })); }

  async load() {
    const run = ++this.run;
    this.asked = this.question;
    Object.assign(this, {
      store: new Map(), views: new Map(), votes: new Map(), reported: new Set(), path: new Map(),
      roots: [], sanctions: [], focus: null, stuck: false, main: null,
    });
    await ParleyThread.style;
    if (run !== this.run) return;
    this.adopt();
    this.desk = (await ParleyThread.staff)?.(this);  // for staff alone; others load nothing of it
    if (run !== this.run) return;
    const bones = () => h('div', {}, h('i'), h('i'), h('i'), h('i'));
    this.show(h('div', { class: 'skeleton', 'aria-hidden': 'true' }, bones(), bones(), bones()),
      h('p', { class: 'sr', role: 'status' }, t('loading')));
    try {
      const page = await get('threads', { ...this.query, sort: this.getAttribute('sort') });
      if (run !== this.run) return;
      this.fill(page);
      this.thread = page.thread;
      this.compose();
      this.draw();
      this.tell('ready', { thread: this.thread });
      await this.mine(run);
      if (run === this.run) await this.follow();
    } catch (error) {
      if (run !== this.run) return;
      if (this.main) return refuse(this.main, sentence(error));
      this.stuck = true;
      if (error.status !== 0 || navigator.onLine) console.error(`Parley: ${sentence(error)} Is ${location.origin} registered (flask sites add-origin), and is the server in connect-src?`);
      const offline = error.status === 0 && !navigator.onLine;
      this.show(h('div', { class: 'state' }, h('h2', {}, t('failed')),
        h('p', { role: 'alert' }, offline ? t('offlineRead') : sentence(error)),
        button('primary', () => this.load(), t('retry'))));
    }
  }
  adopt() { if (ParleyThread.sheet) this.shadowRoot.adoptedStyleSheets = [ParleyThread.sheet]; }

  fill(page, append) {
    const roots = page.comments.map((comment) => this.take(comment));
    this.roots = append ? [...new Set([...this.roots, ...roots])] : roots;
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
    for (const own of mine.comments) {
      const comment = this.take(own);
      if (['held', 'unscored', 'rejected'].includes(own.status)) this.put(comment);
      if (own.status === 'unscored') this.watch(comment);
    }
    for (const view of this.views.values()) view.refresh();
    restrain(this, mine.sanctions ?? []);
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
    const order = h('select', { id: 'sort', part: 'input', onchange: () => this.order(order.value) },
      ...SORTS.map((sort) => h('option', { value: sort, selected: sort === this.sort }, t(sort))));
    this.show(this.desk?.bar, h('header', { class: 'top' }, this.heading,
      h('span', { class: 'sort' }, h('label', { for: 'sort' }, t('sort')), order)),
      h('div', { class: 'write' }, closed ? h('p', { class: 'closed' }, t('closed')) : composer(this, {
        key: 'new', label: t('write'), send: ({ text, name, key, more }) => this.post({ text, author_name: name, ...more }, key),
      }), !closed && this.thread.moderation === 'pre' && h('p', { class: 'muted' }, t('pre'))),
      this.crumbs, this.main);
    this.tally();
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
    const { focus } = this, roots = focus ? [focus.top] : this.roots;
    this.frame.classList.toggle('single', !!focus);
    this.crumbs.replaceChildren(...(focus ? [
      button('quiet', () => this.leave(), icon('back'), t('all')), h('span', { class: 'muted' }, t('single')),
      focus.above && button('quiet', () => this.open(focus.above.id, true), icon('up'), t('above'))].filter(Boolean) : []));
    this.list = h('ol', { class: 'list', role: 'list' }, ...roots.map((comment) => new CommentView(this, comment, 0).item));
    this.foot = h('div', { class: 'foot' });
    this.main.replaceChildren(this.list, this.foot);
    this.bottom();
  }
  bottom() {
    this.foot.replaceChildren();
    if (this.focus) return;
    if (this.next) this.foot.append(button('wide', () => this.page(), t('more')));
    else if (!this.roots.length) {
      this.foot.append(h('div', { class: 'state' }, icon('talk'), h('p', { class: 'big' }, t('empty')),
        this.thread.state === 'open' && h('p', {}, t('emptyHint'))));
    }
  }

  async page() {
    try {
      const known = new Set(this.roots);
      this.fill(await get(`threads/${this.thread.id}/comments`, { sort: this.sort, cursor: this.next }), true);
      const fresh = this.roots.filter((comment) => !known.has(comment));
      this.list.append(...fresh.map((comment) => new CommentView(this, comment, 0).item));
      this.bottom();
      this.announce(t('added', { n: fresh.length }));
      this.views.get(fresh[0]?.id)?.article.focus({ preventScroll: true });
    } catch (error) { refuse(this.foot, sentence(error)); }
  }
  async order(sort) {
    if (!this.thread.id) return (this.sort = sort);
    this.main.setAttribute('aria-busy', 'true');
    try {
      const page = await get(`threads/${this.thread.id}/comments`, { sort });
      this.store.clear();
      this.fill(page);
      this.draw();
      await this.mine(this.run);
      this.announce(`${t('sort')} ${t(sort)}`);
    } catch (error) { refuse(this.foot, sentence(error)); }
    this.main.removeAttribute('aria-busy');
  }

  async post(body, key) {
    const section = this.getAttribute('section')?.trim().slice(0, 120) || undefined;
    // A page that names its section tells it once, also where the discussion has begun already.
    if (!this.thread.id || (section && section !== this.told)) {
      this.thread.id = (await change('POST', 'threads', { ...this.query, section })).thread.id;
      this.told = section;
    }
    const { comment } = await (this.desk?.post ?? change)('POST', `threads/${this.thread.id}/comments`, body, { 'Idempotency-Key': key });
    this.desk?.writer || kept.set(':name', body.author_name);
    const own = this.take(comment), parent = this.store.get(own.parent_id);
    if ((own.status ?? own.state) === 'published') {
      this.count(1);
      if (parent) parent.reply_count++;
    }
    this.put(own);
    if (!this.views.has(own.id)) await this.open(own.parent_id, true);
    this.settle(own);
    this.tell('posted', { comment });
  }
  /** Places an own comment first where it belongs, if that place is drawn. */
  put(comment) {
    if (this.views.has(comment.id)) return;
    // A reply to what is not loaded yet stands first of all, rather than nowhere.
    const parent = this.store.get(comment.parent_id), view = parent && this.views.get(parent.id);
    const siblings = parent ? parent.replies : this.roots;
    if (!siblings.includes(comment)) siblings.unshift(comment);
    if (view && view.level >= this.depth) view.branch();
    else if (view || (!parent && !this.focus)) {
      (view ?? this).list.prepend(new CommentView(this, comment, view ? view.level + 1 : 0).item);
      this.bottom();
    }
  }
  /** After posting or editing: shows where the comment is, says how it stands, and looks again while that is open. */
  settle(comment) {
    const view = this.views.get(comment.id);
    view?.refresh();
    if (view) this.mark(view);
    this.announce((comment.status ?? comment.state) === 'published' ? t('shown') : comment.notice || t(comment.status));
    if (comment.status === 'unscored') this.watch(comment);
  }
  async watch(comment) {
    const { run } = this;
    for (const wait of WAITS) {
      await new Promise((done) => setTimeout(done, wait));
      if (run !== this.run || !this.isConnected || comment.status !== 'unscored') return;
      const answer = await get(`comments/${comment.id}`).catch(() => null);
      if (!answer || answer.comment.status === 'unscored') continue;
      this.take(answer.comment);
      if (comment.status === 'published') this.count(1);
      this.views.get(comment.id)?.refresh();
      return this.announce(comment.status === 'published' ? t('shown') : comment.notice || t(comment.status));
    }
    comment.notice = t('slow');
    this.views.get(comment.id)?.refresh();
  }

  /** Opens the comment that the address names, if it belongs to this discussion. */
  async follow() {
    const id = +location.hash.match(/^#comment-(\d+)$/)?.[1];
    if (!id || !this.main) return;
    this.views.has(id) ? this.mark(this.views.get(id)) : await this.open(id);
  }
  /** Draws one branch: `below` starts it at the comment; otherwise two comments above it come along. */
  async open(id, below) {
    const { run } = this;
    try {
      const { comment, ancestors, thread } = await get(`comments/${id}`);
      if (run !== this.run || thread.id !== this.thread.id) return;
      const target = this.take(comment), above = ancestors.map((one) => this.take(one)), near = below ? [] : above.splice(-2);
      this.path = new Map([...near, target].slice(1).map((one, i) => [near[i].id, one]));
      for (const one of [...near, target]) one.folded = false;
      this.from = this.focus ? this.from : id;
      this.focus = { top: near[0] ?? target, above: above.at(-1) };
      this.draw();
      this.mark(this.views.get(id));
    } catch (error) {
      if (run !== this.run) return;
      refuse(this.main, error.status === 404 ? t('missing') : sentence(error));
      this.main.prepend(this.main.lastElementChild);  // where the reader arrives, not below everything
      reveal(this.main.firstElementChild);
    }
  }
  leave() {
    this.focus = null;
    this.path.clear();
    this.draw();
    const view = this.views.get(this.from);
    view ? this.mark(view) : reveal(this.heading);
  }
  /** The comment the reader came for: marked, in view and focused, with nothing folded above it. */
  mark(view) {
    for (let up = view; up; up = this.views.get(up.comment.parent_id)) if (up.comment.folded) up.foldAs(false);
    for (const one of this.views.values()) one.article.classList.toggle('target', one === view);
    reveal(view.article);
  }
}

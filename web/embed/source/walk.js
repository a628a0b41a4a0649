// Going about in a discussion: further pages and replies, another order, one branch alone, the link to a comment.
import { get, change, kept, sentence } from './api.js';
import { h, button, icon, refuse, reveal, wear } from './dom.js';
import { t } from './strings.js';
import { CommentView } from './comment.js';
import { seek } from './search.js';
import css from './walk.css';

wear(css);

export async function page(host) {
  const { run, sort, next } = host;
  try {
    const told = await get(`threads/${host.thread.id}/comments`, { sort, cursor: next });
    // Asked for twice, or another order was chosen meanwhile.
    if (run !== host.run || sort !== host.sort || next !== host.next) return;
    host.fill(told, true);
    const fresh = host.roots.filter((comment) => !host.views.has(comment.id));
    host.list.append(...fresh.map((comment) => new CommentView(host, comment, 0).item));
    host.bottom();
    host.announce(t('added', { n: fresh.length }));
    (host.views.get(fresh[0]?.id)?.article ?? host.heading).focus({ preventScroll: true });
  } catch (error) { refuse(host.foot, sentence(error)); }
}

export async function order(host, sort) {
  if (!host.thread.id) return (host.sort = sort);
  host.main.setAttribute('aria-busy', 'true');
  try {
    const { run } = host, told = await get(`threads/${host.thread.id}/comments`, { sort });
    if (run !== host.run) return;
    const unread = [...host.store.values()].filter((one) => one.unread).map((one) => one.id);
    host.store.clear();
    host.fill(told);
    for (const id of unread) if (host.store.has(id)) host.store.get(id).unread = true;
    host.draw();
    await host.mine(host.run);
    kept.set(':sort', sort);
    host.announce(`${t('sort')} ${t(sort)}`);
  } catch (error) { refuse(host.foot, sentence(error)); }
  host.main.removeAttribute('aria-busy');
}

/** Draws one branch: `below` starts it at the comment; otherwise two comments above it come along. */
export async function open(host, id, below) {
  const { run } = host;
  try {
    const { comment, ancestors, thread } = await get(`comments/${id}`);
    if (run !== host.run || thread.id !== host.thread.id) return;
    const target = host.take(comment), above = ancestors.map((one) => host.take(one)), near = below ? [] : above.splice(-2);
    host.path = new Map([...near, target].slice(1).map((one, i) => [near[i].id, one]));
    for (const one of [...near, target]) one.folded = false;
    host.from = host.focus ? host.from : id;
    host.focus = { top: near[0] ?? target, above: above.at(-1) };
    host.draw();
    host.mark(host.views.get(id));
  } catch (error) {
    if (run !== host.run) return;
    refuse(host.main, error.status === 404 ? t('missing') : sentence(error));
    host.main.prepend(host.main.lastElementChild);  // where the reader arrives, not below everything
    reveal(host.main.firstElementChild);
  }
}

/** The way out of one branch: to all comments, or to what stands above it. */
export function crumbs(host) {
  const { above } = host.focus;
  host.crumbs.replaceChildren(button('quiet', () => leave(host), icon('back'), t('all')), h('span', { class: 'muted' }, t('single')));
  if (above) host.crumbs.append(button('quiet', () => open(host, above.id, true), icon('up'), t('above')));
}

/** Shows above all others what moderators chose: at level 9, whose headings stand below those of this part. */
export function feature(host) {
  host.main.querySelector('.featured')?.remove();
  if (host.focus) return;
  // The place of a comment is the one in the list, if it stands there, too.
  const listed = new Map(host.views);
  host.main.prepend(h('div', { class: 'featured' }, h('h3', { class: 'muted' }, t('featured')),
    h('ol', { class: 'list', role: 'list' }, ...host.featured.map((comment) => new CommentView(host, comment, 9).item))));
  for (const [id, view] of listed) host.views.set(id, view);
}

export function leave(host) {
  host.focus = null;
  host.path.clear();
  host.draw();
  const view = host.views.get(host.from);
  view ? host.mark(view) : reveal(host.heading);
}

/** Names the comment in the address bar and copies that. */
export async function share(host, view) {
  const { comment: c } = view;
  history.replaceState(history.state, '', `#comment-${c.id}`);
  host.mark(view);
  const copied = await navigator.clipboard?.writeText(c.permalink).then(() => true, () => false);
  const note = h('span', { class: 'act still', role: 'status' }, t(copied ? 'copied' : 'inBar'));
  view.article.querySelector('.actions')?.append(note);
  setTimeout(() => note.remove(), 4000);
}

/** Fetches more of the replies to a comment. */
export async function load(host, view) {
  const { comment: c } = view;
  try {
    const ask = (cursor) => get(`comments/${c.id}/replies`, { cursor, sort: host.sort === 'best' ? 'best' : 'oldest' });
    // A cursor from another order is refused: begin again, what is here already is not drawn twice.
    const page = await ask(host.path.has(c.id) ? null : c.more_replies)
      .catch((error) => error.status === 422 ? ask() : Promise.reject(error));
    host.path.delete(c.id);
    Object.assign(c, { more_replies: page.next, complete: !page.next });
    const fresh = page.comments.map((reply) => host.take(reply, c)).filter((reply) => !host.views.has(reply.id));
    view.list.append(...fresh.map((reply) => new CommentView(host, reply, view.level + 1).item));
    view.rest();
    fresh[0] ? reveal(host.views.get(fresh[0].id).article) : view.article.focus({ preventScroll: true });
  } catch (error) { refuse(view.tail, sentence(error)); }
}

const voting = new Set();
/** Votes, or takes the vote back. It shows at once; if the server refuses, the old numbers come back and it says why. */
export async function vote(host, view, value) {
  const { comment: c } = view, { id } = c, mine = () => host.votes.get(id) ?? 0, before = [c.up, c.down, mine()];
  const set = (up, down, vote) => {
    Object.assign(c, { up, down });
    host.votes.set(id, vote);
    host.views.get(id)?.refresh();
  };
  const wanted = mine() === value ? 0 : value;
  set(c.up + (wanted === 1) - (mine() === 1), c.down + (wanted === -1) - (mine() === -1), wanted);
  if (voting.has(id)) return;
  voting.add(id);
  try {
    // Clicks made while the first is under way are folded into one more request with the last of them.
    let sent, answer;
    do {
      sent = mine();
      answer = await change(sent ? 'PUT' : 'DELETE', `comments/${id}/vote`, sent ? { value: sent } : undefined);
    } while (sent !== mine());
    set(answer.up, answer.down, answer.vote);
    host.tell('voted', { id, vote: answer.vote });
  } catch (error) {
    set(...before);
    refuse(view.slot, sentence(error));
  }
  voting.delete(id);
}

/** Shows nothing more by an author to this reader, or all of it again; nobody else is told. */
export function mute(host, view, on = true) {
  const { id, name } = view.comment.author;
  host.muted[on ? 'add' : 'delete'](id);
  kept.set(':muted', host.muted.size ? JSON.stringify([...host.muted]) : null);
  view.slot.replaceChildren();
  for (const one of host.views.values()) if (one.comment.author?.id === id) one.refresh();
  view.article.focus({ preventScroll: true });
  if (on) host.announce(t('muted', { name }));
}
export const unmute = (host, view) => mute(host, view, false);
/** Looks for words. */
export const search = (host) => seek(host);

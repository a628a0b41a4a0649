// From the form into the discussion: send a comment, put it in its place, and look again while it is being checked.
import { get, change, drafts, kept, sentence } from './api.js';
import { t } from './strings.js';
import { noticeOf } from './notice.js';
import { restrain } from './sanctions.js';
import { CommentView } from './comment.js';
import { button, h, refuse } from './dom.js';

const REGRET = 12000;  // ms in which a comment just sent can be taken back with its text
const WAITS = [1500, 3000, 6000, 12000, 24000];  // ms between looks at a comment that is still being checked

export async function post(host, body, key) {
  const { run, thread, query } = host, section = host.getAttribute('section')?.trim().slice(0, 120) || undefined;
  // A page that names its section tells it once, also where the discussion has begun already.
  if (!thread.id || (section && section !== host.told)) {
    thread.id = (await change('POST', 'threads', { ...query, section })).thread.id;
    host.told = section;
  }
  const { comment } = await (host.desk?.post ?? change)('POST', `threads/${thread.id}/comments`, body, { 'Idempotency-Key': key });
  host.desk?.writer || kept.set(':name', body.author_name);
  if (run !== host.run) return;
  const own = host.take(comment), parent = host.store.get(own.parent_id);
  if ((own.status ?? own.state) === 'published') {
    host.count(1);
    if (parent) parent.reply_count++;
  }
  put(host, own);
  if (!host.views.has(own.id)) await host.walk('open', own.parent_id, true);
  settle(host, own);
  if (own.status) regret(host, own, body);
  host.tell('posted', { comment });
}

/** Offers for a while to take back what was just sent; its text is in the form again then. */
function regret(host, comment, body) {
  const { slot } = host.views.get(comment.id) ?? {};
  if (!slot) return;
  const offer = h('p', { class: 'muted sent' }, comment.status === 'published' && `${t('shown')} `,
    button('more', () => takeBack(host, comment, body, offer), t('undo')));
  slot.replaceChildren(offer);
  setTimeout(() => offer.contains(host.shadowRoot.activeElement) || offer.remove(), REGRET);
}
async function takeBack(host, comment, { text, parent_id: parent }, offer) {
  try {
    const was = comment.status, above = host.store.get(parent), place = `${host.place}:${parent ? `r${parent}` : 'new'}`;
    await change('DELETE', `comments/${comment.id}`);
    // What was begun meanwhile is not lost either.
    const begun = JSON.parse(drafts.get(place) ?? 'null')?.text;
    drafts.set(place, JSON.stringify({ text: begun ? `${text}\n\n${begun}` : text }));
    if (was === 'published') {
      host.count(-1);
      if (above) above.reply_count--;
    }
    for (const list of [host.roots, above?.replies ?? []]) if (list.includes(comment)) list.splice(list.indexOf(comment), 1);
    host.views.get(comment.id)?.item.remove();
    host.views.delete(comment.id);
    host.store.delete(comment.id);
    if (parent) return host.views.get(parent)?.write('reply');
    host.frame.querySelector('.write > .composer').replaceWith(host.invitation());
    await host.equip();
    host.frame.querySelector('.write textarea').focus();
  } catch (error) { refuse(offer, sentence(error)); }
}

/** What its author could change goes when its time is over. */
export function expire(host, comment) {
  const left = new Date(comment.editable_until) - Date.now();
  if (comment.editable_until && left > 0) setTimeout(() => host.views.get(comment.id)?.refresh(), left + 500);
}

/** Places an own comment first where it belongs, if that place is drawn. */
export function put(host, comment) {
  // What was found by a search stands in the place of the list.
  if (!host.list.isConnected) host.draw();
  if (host.views.has(comment.id)) return;
  // A reply to what is not loaded yet stands first of all, rather than nowhere.
  const parent = host.store.get(comment.parent_id), view = parent && host.views.get(parent.id);
  const siblings = parent ? parent.replies : host.roots;
  if (!siblings.includes(comment)) siblings.unshift(comment);
  if (view && view.level >= host.depth) view.branch();
  else if (view || (!parent && !host.focus)) {
    (view ?? host).list.prepend(new CommentView(host, comment, view ? view.level + 1 : 0).item);
    host.bottom();
  }
}

/** After posting or editing: shows where the comment is, says how it stands, and looks again while that is open. */
export function settle(host, comment) {
  const view = host.views.get(comment.id);
  view?.refresh();
  if (view) host.mark(view);
  host.announce((comment.status ?? comment.state) === 'published' ? t('shown') : noticeOf(comment));
  if (comment.status === 'unscored') watch(host, comment);
  expire(host, comment);
}

export async function watch(host, comment) {
  const { run } = host;
  comment.slow = false;
  for (const wait of WAITS) {
    await new Promise((done) => setTimeout(done, wait));
    if (run !== host.run || !host.isConnected || comment.status !== 'unscored' || host.store.get(comment.id) !== comment) return;
    const answer = await get(`comments/${comment.id}`).catch(() => null);
    if (!answer || answer.comment.status === 'unscored') continue;
    host.take(answer.comment);
    if (comment.status === 'published') host.count(1);
    host.views.get(comment.id)?.refresh();
    return host.announce(comment.status === 'published' ? t('shown') : noticeOf(comment));
  }
  comment.slow = true;
  host.views.get(comment.id)?.refresh();
}

/** What belongs to this reader alone: comments that nobody else sees, and what was imposed on them. */
export async function own(host, mine) {
  for (const told of mine.comments) {
    const comment = host.take(told);
    if (['held', 'unscored', 'rejected'].includes(told.status)) put(host, comment);
    if (told.status === 'unscored') watch(host, comment);
    expire(host, comment);
  }
  if (!mine.sanctions.length) return;
  await host.equip();
  restrain(host, mine.sanctions);
}

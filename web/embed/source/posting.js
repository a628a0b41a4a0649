// From the form into the discussion: send a comment, put it in its place, and look again while it is being checked.
import { get, change, kept } from './api.js';
import { t } from './strings.js';
import { CommentView } from './comment.js';

const WAITS = [1500, 3000, 6000, 12000, 24000];  // ms between looks at a comment that is still being checked

export async function post(host, body, key) {
  const section = host.getAttribute('section')?.trim().slice(0, 120) || undefined;
  // A page that names its section tells it once, also where the discussion has begun already.
  if (!host.thread.id || (section && section !== host.told)) {
    host.thread.id = (await change('POST', 'threads', { ...host.query, section })).thread.id;
    host.told = section;
  }
  const { comment } = await (host.desk?.post ?? change)('POST', `threads/${host.thread.id}/comments`, body, { 'Idempotency-Key': key });
  host.desk?.writer || kept.set(':name', body.author_name);
  const own = host.take(comment), parent = host.store.get(own.parent_id);
  if ((own.status ?? own.state) === 'published') {
    host.count(1);
    if (parent) parent.reply_count++;
  }
  put(host, own);
  if (!host.views.has(own.id)) await host.walk('open', own.parent_id, true);
  settle(host, own);
  host.tell('posted', { comment });
}

/** Places an own comment first where it belongs, if that place is drawn. */
export function put(host, comment) {
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
  host.announce((comment.status ?? comment.state) === 'published' ? t('shown') : comment.notice || t(comment.status));
  if (comment.status === 'unscored') watch(host, comment);
}

export async function watch(host, comment) {
  const { run } = host;
  for (const wait of WAITS) {
    await new Promise((done) => setTimeout(done, wait));
    if (run !== host.run || !host.isConnected || comment.status !== 'unscored') return;
    const answer = await get(`comments/${comment.id}`).catch(() => null);
    if (!answer || answer.comment.status === 'unscored') continue;
    host.take(answer.comment);
    if (comment.status === 'published') host.count(1);
    host.views.get(comment.id)?.refresh();
    return host.announce(comment.status === 'published' ? t('shown') : comment.notice || t(comment.status));
  }
  comment.notice = t('slow');
  host.views.get(comment.id)?.refresh();
}

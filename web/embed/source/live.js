// What changes while somebody reads: comments that are new since their last visit, and those that others post meanwhile.
import { get, kept } from './api.js';
import { button, icon, reveal, wear } from './dom.js';
import { t } from './strings.js';
import css from './live.css';

wear(css);

const FIRST = 30000, LONGEST = 300000;  // ms between looks; longer and longer while nothing comes
const MOST = 100;                       // discussions whose last visit is remembered

/** Marks what this reader has not seen yet and goes on looking for more, until the discussion is left or drawn anew. */
export function watch(host, run) {
  const seen = visited(host);
  if (seen) markNew(host, seen);
  look(host, run, FIRST);
}

/** When this reader was here last, in ms, or 0; from now on it is now. Only of those who have written or voted. */
function visited(host) {
  if (!kept.get()) return 0;
  const visits = JSON.parse(kept.get(':seen') ?? '{}'), last = visits[host.place] ?? 0;
  delete visits[host.place];
  const latest = Object.entries(visits).slice(1 - MOST);
  kept.set(':seen', JSON.stringify(Object.fromEntries([...latest, [host.place, Date.now()]])));
  return last;
}

function markNew(host, since) {
  for (const comment of host.store.values()) {
    // What is one's own is not new to oneself.
    comment.unread = !comment.status && comment.state === 'published' && new Date(comment.created_at) > since;
    if (comment.unread) host.views.get(comment.id)?.refresh();
  }
  point(host);
}

const unread = (host) => [...host.shadowRoot.querySelectorAll('.comment')]
  .map((article) => host.views.get(+article.dataset.id)).filter((view) => view?.comment.unread);

/** The button that leads from one new comment to the next, in the order of the page. */
function point(host) {
  const left = unread(host);
  host.onward?.remove();
  if (!left.length) return;
  host.onward = button('quiet next-unread', () => {
    const view = left[0];
    view.comment.unread = false;
    view.refresh();
    point(host);
    host.mark(view);
  }, icon('down'), t('nextUnread', { n: left.length }));
  host.heading.after(host.onward);
}

function look(host, run, pause) {
  host.later = setTimeout(async () => {
    if (run !== host.run || !host.isConnected) return;
    // Nobody looks: nothing is asked until somebody does.
    if (document.hidden) return document.addEventListener('visibilitychange', () => look(host, run, 0), { once: true });
    const told = host.thread.id && await get(`threads/${host.thread.id}`).catch(() => null);
    if (run !== host.run) return;
    const n = told ? told.thread.comment_count - host.thread.comment_count : 0;
    if (n > 0) tell(host, run, n);
    look(host, run, n > 0 && n !== host.heard ? FIRST : Math.min(pause * 1.5 || FIRST, LONGEST));
    host.heard = n;
  }, pause);
}

/** Says how many there are; what is being read stays where it is until the reader asks for them. */
function tell(host, run, n) {
  host.word?.remove();
  host.word = button('wide fresh', () => bring(host), t('fresh', { n }));
  host.main.before(host.word);
  if (n !== host.heard) host.announce(t('fresh', { n }));
}

async function bring(host) {
  const since = Math.max(...[...host.store.values()].map((comment) => +new Date(comment.created_at)));
  host.word.remove();
  const page = await get(`threads/${host.thread.id}/comments`, { sort: host.sort });
  host.thread.comment_count = page.thread.comment_count;
  host.fill(page);
  host.focus = null;
  host.draw();
  await host.mine(host.run);
  host.tally();
  markNew(host, since);
  const [first] = unread(host);
  first ? host.mark(first) : reveal(host.heading);
}

// What changes while somebody reads: comments that are new since their last visit, and those that others post meanwhile.
import { get, kept, sentence } from './api.js';
import { button, icon, refuse, reveal, wear } from './dom.js';
import { t } from './strings.js';
import css from './live.css';

wear(css);

const FIRST = 30000, LONGEST = 300000;  // ms between looks; longer and longer while nothing comes
const MOST = 100;                       // discussions whose last visit is remembered

/** Marks what this reader has not seen yet and goes on looking for more, until the discussion is left or drawn anew. */
export function watch(host, run) {
  // Once per drawing of the discussion, though it may be moved about in the page.
  if (host.visit !== run) {
    host.visit = run;
    const seen = visited(host);
    if (seen) markNew(host, seen);
  }
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
    // As the page is drawn now.
    const [view] = unread(host);
    if (!view) { host.onward.remove(); return reveal(host.heading); }
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
    const told = await (host.thread.id ? get(`threads/${host.thread.id}`) : get('threads', { ...host.query, limit: 1 })).catch(() => null);
    if (run !== host.run) return;
    // Somebody has begun the discussion meanwhile.
    if (told) host.thread.id ??= told.thread.id;
    const n = told ? told.thread.comment_count - host.thread.comment_count : 0;
    if (n > 0) tell(host, n);
    look(host, run, n > 0 && n !== host.heard ? FIRST : Math.min(pause * 1.5 || FIRST, LONGEST));
    host.heard = n;
  }, pause);
}

/** Says how many there are; what is being read stays where it is until the reader asks for them. */
function tell(host, n) {
  if (!host.word?.isConnected) host.main.before(host.word = button('wide fresh', () => bring(host), t('fresh', { n })));
  else if (n !== host.heard) host.word.textContent = t('fresh', { n });
  if (n !== host.heard) host.announce(t('fresh', { n }));
}

/** Shows the newest first: what is new stands there, whatever the order was. */
async function bring(host) {
  const { run } = host, since = Math.max(0, ...[...host.store.values()].map((comment) => +new Date(comment.created_at)));
  try {
    const page = await get(`threads/${host.thread.id}/comments`, { sort: 'newest' });
    if (run !== host.run) return;
    host.word.remove();
    host.thread.comment_count = page.thread.comment_count;
    host.fill(page);
    host.focus = null;
    host.path.clear();
    host.shadowRoot.getElementById('sort').value = 'newest';
    host.draw();
    await host.mine(run);
    host.tally();
    markNew(host, since);
    const [first] = unread(host);
    first ? host.mark(first) : reveal(host.heading);
  } catch (error) { refuse(host.main, sentence(error)); }
}

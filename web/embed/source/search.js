// Looking for words in one discussion: a field above it, what was found in its place, and the way back.
import { get, sentence } from './api.js';
import { h, button, avatar, icon, insertRendered, refuse, reveal, time } from './dom.js';
import { t } from './strings.js';

/** Opens the field; what is found takes the place of the comments until the reader goes back. */
export function seek(host) {
  const field = h('input', { type: 'search', maxlength: 200, part: 'input', 'aria-label': t('searchIn'), placeholder: t('searchIn') });
  const form = h('form', { class: 'search', role: 'search', onkeydown: (event) => shut(host, event), onsubmit: (event) => { event.preventDefault(); find(host, field.value.trim()); } },
    field, h('button', { class: 'primary', part: 'button' }, t('search')), button('quiet', () => end(host), icon('back'), t('searchEnd')));
  host.crumbs.replaceChildren(form);
  field.focus();
}

function end(host) {
  host.draw();
  reveal(host.heading);
}

/** Escape, in the field or among what was found, leads back to the button that opened the search. */
function shut(host, event) {
  // A word that is still being put together takes the key for itself.
  if (event.key !== 'Escape' || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  host.draw();
  // Out of sight where little is left to look through.
  const opener = host.frame.querySelector('.sort button');
  reveal(opener.offsetParent ? opener : host.heading);
}

async function find(host, words, cursor) {
  const { run } = host, form = host.crumbs.querySelector('.search'), turn = form.turn = (form.turn ?? 0) + 1;
  if (!words || !host.thread.id) return;
  host.main.setAttribute('aria-busy', 'true');
  try {
    const page = await get(`threads/${host.thread.id}/search`, { q: words, cursor });
    // Another search was begun meanwhile, or the reader went back.
    if (run !== host.run || !form.isConnected || turn !== form.turn) return;
    form.querySelector('.error')?.remove();
    const items = page.comments.map((comment) => item(host, comment)), onkeydown = (event) => shut(host, event);
    const told = page.count ? t(page.capped ? 'foundMost' : 'found', { n: page.count }) : t('foundNone');
    if (cursor) host.main.querySelector('.list').append(...items);
    else host.main.replaceChildren(h('p', { class: 'muted' }, told), h('ol', { class: 'list', role: 'list', onkeydown }, ...items), h('div', { class: 'foot', onkeydown }));
    host.main.querySelector('.foot').replaceChildren(...(page.next ? [button('wide', () => find(host, words, page.next), t('searchMore'))] : []));
    host.announce(told);
    if (cursor) items[0]?.querySelector('a').focus();
  } catch (error) { refuse(form, sentence(error)); } finally { if (turn === form.turn) host.main?.removeAttribute('aria-busy'); }
}

function item(host, comment) {
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    host.walk('open', comment.id);
  };
  return h('li', { class: 'item' }, h('article', { class: 'comment', part: 'comment', 'aria-label': t('by', { name: comment.author.name }) },
    avatar(comment.author),
    h('header', { class: 'head' }, h('h3', { class: 'author', part: 'author' }, h('bdi', {}, comment.author.name)),
      h('a', { class: 'when', href: comment.permalink, onclick: go }, time(comment.created_at))),
    host.muted.has(comment.author.id) ? h('p', { class: 'muted' }, t('mutedOne')) : insertRendered(h('div', { class: 'body', part: 'body', dir: 'auto' }), comment.html)));
}

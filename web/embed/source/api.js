// The server's side of the wire: where it is, who this reader is to it, and what its refusals mean.
import { t, distance, inOwnWords } from './strings.js';

const BASE = new URL('../api/v1/', import.meta.url);
const KEY = `parley:${BASE.origin}`;

// Storage may be refused to an embedded script: then things last as long as the page.
const box = (kind, prefix) => {
  const spare = new Map();
  return {
    get: (key = '') => { try { return window[kind].getItem(prefix + key) ?? spare.get(key); } catch { return spare.get(key); } },
    set(key, value) {
      try {
        value == null ? window[kind].removeItem(prefix + key) : window[kind].setItem(prefix + key, value);
        spare.delete(key);
      } catch { spare.set(key, value); }
    },
  };
};
export const kept = box('localStorage', KEY);      // '' is the reader's token, ':name' the last name used
export const drafts = box('sessionStorage', `${KEY}:draft:`);
export const onDuty = box('sessionStorage', `${KEY}:staff`);  // '' is what a member of staff has in this tab

export class Problem extends Error {
  constructor(status, body = {}, wait = 0) {
    super(body.detail || body.title || '');
    Object.assign(this, { status, wait, type: body.type ?? '', errors: body.errors ?? {}, sanction: body.sanction });
  }
  /** One sentence for the person who tried. */
  get sentence() {
    if (!this.status) return t(navigator.onLine ? 'unreachable' : 'offline');
    const fields = Object.values(this.errors).flat().filter((text) => typeof text === 'string');
    const text = inOwnWords(`problem-${this.type.split('#')[1]}`, fields.join(' ') || this.message || t('unknown'));
    return this.wait > 0 ? `${text} ${t('again', { when: distance(this.wait) })}` : text;
  }
}
export const sentence = (error) => error.sentence ?? (console.error(error), t('unknown'));

function waitOf(response) {
  const header = response.headers.get('Retry-After');
  return header ? (isNaN(header) ? Math.ceil((new Date(header) - Date.now()) / 1000) : +header) : 0;
}

/** `as` is a token other than the reader's, which is then left alone. */
export async function send(method, path, { query, body, headers, as } = {}, again = true) {
  const url = new URL(path, BASE), token = as ?? kept.get();
  for (const key in query) if (query[key] != null) url.searchParams.set(key, query[key]);
  let response, answer;
  try {
    response = await fetch(url, {
      method, credentials: 'omit', signal: AbortSignal.timeout(30000), body: body && JSON.stringify(body),
      headers: {
        ...headers,
        ...(body && { 'Content-Type': 'application/json' }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
    });
    answer = await response.json().catch(() => ({}));
  } catch { throw new Problem(0); }
  if (response.status === 401 && token && again && !as) {
    kept.set('', null);
    return send(method, path, { query, body, headers }, false);
  }
  if (!response.ok) throw new Problem(response.status, answer, waitOf(response));
  if (answer.reader_token) kept.set('', answer.reader_token);
  return answer;
}

const flying = new Map();  // two elements that ask the same thing at once share one request
export function get(path, query) {
  const key = path + JSON.stringify(query ?? 0);
  if (!flying.has(key)) flying.set(key, send('GET', path, { query }).finally(() => flying.delete(key)));
  return flying.get(key);
}

let turn = Promise.resolve();  // until the server has named this reader, one change at a time: two would make two readers
export function change(method, path, body, headers) {
  const run = () => send(method, path, { body, headers });
  if (kept.get() || path === 'preview') return run();
  return (turn = turn.then(run, run));
}

/** Which discussion an element means: its own attributes, else the page's canonical address, else the address bar. */
export function identity(element) {
  const own = (name) => element.getAttribute(name) || undefined;
  const url = own('url') ?? document.querySelector('link[rel~=canonical]')?.href ?? location.href;
  return {
    url: new URL(url, document.baseURI).href.split('#')[0],
    page_id: own('page-id'),
    site: own('site'),
    title: (own('title') ?? document.title).replace(/\s+/g, ' ').slice(0, 300),
  };
}

// randomUUID exists only on secure pages; a plain-http page still needs a key that nobody else picks.
export const uuid = () => crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

/** The languages an element may speak, the likeliest first: its own, the page's around it, the reader's. */
export const tonguesOf = (element) => [element.closest('[lang]')?.lang, ...(navigator.languages ?? [])];

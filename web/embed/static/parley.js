// The embed: <script type="module" src="https://SERVER/embed/parley.js"></script> and <parley-thread></parley-thread>.
//
// Attributes, all optional: `page-id` or `url` (which discussion; else rel=canonical, else the address), `site`, `title`, `section`,
// `sort` (newest, oldest, best, replies), `theme` (auto, light, dark). <parley-points> takes the same and shows the
// article's points. Look: the custom properties at the top of parley.css, and ::part(). Events: parley:ready, parley:posted.
// A page with a content security policy needs this server in script-src and connect-src, and nothing else.
//
// Every module is named here, so that the browser asks for all of them at once.
import './strings.js';
import './api.js';
import './dom.js';
import './sanctions.js';
import './composer.js';
import './comment.js';
import './appeals.js';
import { get, change, identity, kept, onDuty, sentence } from './api.js';
import { h, icon, backdrop, t } from './dom.js';
import { ParleyThread } from './thread.js';

// Built as an object, not a <style> or <link>: a strict style-src of the page does not apply to it.
// Without it, plain is better than nothing.
const sheet = new CSSStyleSheet();
ParleyThread.sheet = sheet;
ParleyThread.style = fetch(new URL('parley.css', import.meta.url), { credentials: 'omit' })
  .then((response) => response.ok ? response.text() : '').then((text) => sheet.replaceSync(text), () => {});

// Staff come from the console with a code behind the #, which is taken out of the address before anything else happens.
const [, code, at] = location.hash.match(/^#parley-staff=([\w-]+)(?:&comment=(\d+))?$/) ?? [];
if (code) history.replaceState(history.state, '', at ? `#comment-${at}` : location.pathname + location.search);
if (code || onDuty.get()) ParleyThread.staff = import('./staff.js').then((staff) => staff.begin(code), () => {});

/** The article's points: an arrow to give one or take it back, and how many there are. */
class ParleyPoints extends HTMLElement {
  static observedAttributes = ['page-id', 'url', 'site'];
  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
  }
  connectedCallback() { queueMicrotask(() => this.isConnected && this.load()); }
  attributeChangedCallback() { if (this.thread) this.load(); }

  async load() {
    try {
      await ParleyThread.style;
      this.thread = (await get('threads', { ...identity(this), sort: null })).thread;
      this.given = false;
      if (kept.get() && this.thread.id) this.given = (await get(`threads/${this.thread.id}/mine`)).point;
      this.draw();
    } catch { this.shadowRoot.replaceChildren(); }  // an ornament: the thread below says what is wrong
  }
  draw(error = '') {
    const { given, thread: { points: n } } = this, theme = this.getAttribute('theme');
    const dark = (/dark|light/.test(theme) ? theme : backdrop(this)) === 'dark';
    const had = this.shadowRoot.activeElement;
    const arrow = h('button', {
      type: 'button', class: 'point', 'aria-pressed': String(given),
      'aria-label': t(given ? 'take' : 'give', { n }), onclick: () => this.toggle(),
    }, icon('up'));
    this.shadowRoot.replaceChildren(h('span', { class: `parley points${dark ? ' dark' : ''}`, part: 'points' },
      arrow, h('span', {}, t('points', { n })), h('span', { class: 'error', role: 'alert' }, error)));
    if (had) arrow.focus();
  }
  async toggle() {
    const { given, thread } = this, before = thread.points;
    if (this.busy) return;
    this.busy = true;
    this.given = !given;
    thread.points += given ? -1 : 1;
    this.draw();
    try {
      thread.id ??= (await change('POST', 'threads', identity(this))).thread.id;
      const answer = await change(given ? 'DELETE' : 'PUT', `threads/${thread.id}/points`);
      this.given = answer.given;
      thread.points = answer.points;
      this.draw();
    } catch (error) {
      this.given = given;
      thread.points = before;
      this.draw(sentence(error));
    }
    this.busy = false;
  }
}

if (!customElements.get('parley-thread')) {
  customElements.define('parley-thread', ParleyThread);
  customElements.define('parley-points', ParleyPoints);
}

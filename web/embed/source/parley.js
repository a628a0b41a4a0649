// The embed: <script type="module" src="https://SERVER/embed/parley.js"></script> and <parley-thread></parley-thread>.
// Attributes, events and how to give it another look: docs/embedding.md, docs/theming.md.
import { onDuty } from './api.js';
import { part } from './parts.js';
import { ParleyThread } from './thread.js';

// Staff come from the console with a code behind the #, which is taken out of the address before anything else happens.
const [, code, at] = location.hash.match(/^#parley-staff=([\w-]+)(?:&comment=(\d+))?$/) ?? [];
if (code) history.replaceState(history.state, '', at ? `#comment-${at}` : location.pathname + location.search);
if (code || onDuty.get()) ParleyThread.staff = part('staff').then((staff) => staff.begin(code), () => {});

/** The points of an article, to stand wherever the page wants them. What draws them is fetched where there are any. */
class ParleyPoints extends HTMLElement {
  static observedAttributes = ['page-id', 'url', 'site', 'lang'];
  connectedCallback() { queueMicrotask(() => this.isConnected && this.load()); }
  attributeChangedCallback() { if (this.shadowRoot) this.load(); }
  load() { part('points').then((points) => points.show(this), () => {}); }
}

if (!customElements.get('parley-thread')) {
  customElements.define('parley-thread', ParleyThread);
  customElements.define('parley-points', ParleyPoints);
}

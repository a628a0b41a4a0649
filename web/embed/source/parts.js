// Parts of the widget that are fetched when they are first needed: `write` for those who write, `staff` for moderators.
import { Problem } from './api.js';
import { learn } from './strings.js';

const parts = {}, tries = {};

/** What a part offers. It is handed what it shares with this one, so that there is one reader and one language on a page. */
export function part(name) {
  return parts[name] ??= Promise.all([import(`./${name}.js?${DIGESTS[name]}${tries[name] ? `&${tries[name]}` : ''}`), learn()])
    .then(([made]) => made.default(SHARED))
    .catch(() => {
      // Many browsers remember that an address failed: the next try is another one.
      tries[name] = (tries[name] ?? 0) + 1;
      delete parts[name];
      throw new Problem(0);
    });
}

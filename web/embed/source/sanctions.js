// What the moderators of a site imposed on this reader: told in place of the composer or above it, the draft kept.
import { change, sentence } from './api.js';
import { h, button, refuse } from './dom.js';
import { t, full } from './strings.js';

const SILENT = ['mute', 'ban'];
const LONGEST_WAIT = 2 ** 31 - 1000;  // ms, a little less than a timer can hold: more would be no wait at all

/** What stands by this reader's clock. */
const standing = (sanctions) => sanctions.filter((one) => !one.until || new Date(one.until) > Date.now());

/** Shows what stands and keeps the composer out of the way where it would lead nowhere; its draft stays in it. */
export function restrain(host, sanctions) {
  clearTimeout(host.ends);
  host.sanctions = standing(sanctions);
  const place = host.frame?.querySelector('.write'), form = place?.querySelector(':scope > .composer');
  place?.querySelector(':scope > .sanctions')?.remove();
  if (!form) return;
  const silent = host.sanctions.some((one) => SILENT.includes(one.kind));
  host.silent = silent;
  // A harder one says it all; a warning waits until it is of use.
  const shown = host.sanctions.filter((one) => silent ? SILENT.includes(one.kind) : true).slice(0, silent ? 1 : undefined);
  form.hidden = silent;
  if (shown.length) form.before(h('div', { class: 'sanctions', part: 'notice' }, ...shown.map((one) => notice(host, one))));
  const ends = host.sanctions.map((one) => new Date(one.until) - Date.now()).filter((left) => left > 0);
  // The composer comes back by itself.
  if (ends.length) host.ends = setTimeout(() => restrain(host, host.sanctions), Math.min(...ends, LONGEST_WAIT) + 500);
  for (const view of host.views.values()) view.refresh();
}

/** What a refusal by the server says of it joins what is known already; a form elsewhere tells of it in `place`. */
export function learn(host, sanction, place, area) {
  restrain(host, [sanction, ...(host.sanctions ?? []).filter((one) => one.id !== sanction.id)]);
  if (place) place.replaceChildren(notice(host, sanction, area));
  (place ?? host.frame.querySelector('.write')).querySelector('.sanction')?.focus();
}

/** `area` is where one goes on writing once it is read, by default the composer that stays. */
function notice(host, one, area = host.frame.querySelector('.write > .composer textarea')) {
  const draft = SILENT.includes(one.kind) && area?.value.trim();
  const box = h('section', { class: `sanction ${one.kind}`, 'aria-label': t(`${one.kind}Title`), tabindex: -1 },
    h('p', { class: 'big' }, one.until ? t('muteUntil', { when: full(one.until) }) : t(`${one.kind}Title`)),
    one.told && h('p', { class: 'told', dir: 'auto' }, one.told),
    draft && h('p', { class: 'muted' }, t('draftKept')),
    h('details', {}, h('summary', {}, t('sanctionMore')),
      h('p', { class: 'muted' }, [one.decided_by, one.scope, one.objection].filter(Boolean).join(' '))));
  if (one.kind === 'warning') {
    box.append(button('primary', () => acknowledge(host, one, box, area), t('haveRead')));
  }
  return box;
}

async function acknowledge(host, one, box, area) {
  const read = box.querySelector('.primary');
  if (read.ariaBusy) return;
  read.ariaBusy = 'true';
  try {
    const { sanctions } = await change('POST', `sanctions/${one.id}/acknowledgement`, {});
    restrain(host, sanctions);
    host.announce(t('thankRead'));
    box.remove();
    area?.focus();
  } catch (error) {
    refuse(box, sentence(error));
    read.ariaBusy = null;
  }
}

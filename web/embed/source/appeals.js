// What the author of a rejected comment can do about it: see who decided, object once, and read what came of it.
import { change } from './api.js';
import { h } from './dom.js';
import { ask } from './forms.js';
import { t, full } from './strings.js';

const LONGEST = 2000;
// What is said after each state; for the rest, nothing.
const SAID = { open: 'appealOpen', granted: 'appealGranted', denied: 'appealDenied' };

/** A line on who rejected this and how an objection stands; null where there is nothing to say. */
export function appealLine(comment) {
  const rejected = comment.status === 'rejected';
  const said = [
    rejected && comment.rejected_by && t(comment.rejected_by === 'person' ? 'byPerson' : 'byMachine'),
    SAID[comment.appeal] && t(SAID[comment.appeal]),
    rejected && comment.appeal === 'possible' && comment.appeal_until && t('appealUntil', { date: full(comment.appeal_until, false) }),
  ].filter(Boolean);
  return said.length ? h('p', { class: `appeal ${comment.appeal}` }, said.join(' ')) : null;
}

/** The form in the place below the comment; what was written stays in it when sending fails. */
export function object(view) {
  const text = h('textarea', { class: 'roomy', rows: 4, maxlength: LONGEST, required: true, dir: 'auto' });
  ask(view, t('appealWhy'), [h('label', { class: 'label' }, t('appealMore'), text)], t('appealSend'), 'object', async () => {
    const answer = await change('POST', `comments/${view.comment.id}/appeal`, { text: text.value.trim() });
    view.host.take(answer.comment);
    view.slot.replaceChildren();
    view.refresh();
    view.host.announce(t('appealOpen'));
    view.article.focus({ preventScroll: true });
  });
}

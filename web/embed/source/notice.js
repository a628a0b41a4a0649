// What the author of a comment is told while nobody else sees it: in the reader's language, by what the server says of it.
import { t, speech } from './strings.js';

/** In one paragraph: how the comment stands, and why it was rejected. */
export function noticeOf(comment) {
  if (comment.status !== 'rejected') return t(comment.status === 'unscored' && comment.slow ? 'slow' : comment.status);
  // The server's own sentence is English, and says the same in more words.
  if (speech().lang === 'en' && comment.notice) return comment.notice;
  const { reasons = [] } = comment, known = reasons.filter(({ code, told }) => !told && code !== 'other').map(({ code }) => t(code));
  // What the site wrote itself is said as it is: nobody else can say it.
  return [t('rejected'), known.length && t('because', { why: known.join(' · ') }), ...reasons.map(({ told }) => told)].filter(Boolean).join(' ');
}

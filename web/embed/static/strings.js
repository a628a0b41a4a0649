// Every word a reader sees, and how numbers, plurals and times are said. To translate, replace `words` and nothing else.
export const words = {
  lang: 'en',
  comments: { one: '{n} comment', other: '{n} comments' },
  none: 'Comments',
  sort: 'Sort by',
  newest: 'Newest', oldest: 'Oldest', best: 'Best', replies: 'Most replied',
  loading: 'Loading comments',
  more: 'Load more comments',
  added: { one: '{n} more comment', other: '{n} more comments' },
  moreReplies: { one: 'Show {n} more reply', other: 'Show {n} more replies' },
  deeper: { one: 'Continue this thread ({n} reply)', other: 'Continue this thread ({n} replies)' },
  single: 'You are reading one branch of the discussion.',
  all: 'All comments',
  above: 'Show what came before',
  empty: 'No comments yet',
  emptyHint: 'Be the first to say what you think.',
  closed: 'This discussion is closed. You can read it, but not add to it.',
  pre: 'Comments here appear once a moderator has read them.',
  failed: 'The comments did not load',
  retry: 'Try again',
  missing: 'That comment is not here any more.',
  // One comment
  by: 'Comment by {name}',
  staff: 'Staff', edited: 'edited', now: 'just now',
  removed: 'Removed by a moderator.', withdrawn: 'Withdrawn by its author.',
  collapse: 'Collapse the branch by {name}', expand: 'Expand the branch by {name}',
  folded: { one: '{n} reply', other: '{n} replies' },
  up: { one: 'Vote up, {n} vote', other: 'Vote up, {n} votes' },
  down: { one: 'Vote down, {n} vote', other: 'Vote down, {n} votes' },
  reply: 'Reply', link: 'Link', edit: 'Edit', withdraw: 'Withdraw', report: 'Report', reported: 'Reported',
  copied: 'Link copied.', inBar: 'The link is in the address bar.',
  sureWithdraw: 'Withdraw this comment? This cannot be undone.',
  keep: 'Keep it',
  isHeld: 'Waiting', isUnscored: 'Being checked…', isRejected: 'Not published',
  held: 'Waiting for a moderator. Only you can see it.',
  unscored: 'It appears for everyone as soon as the check is done.',
  rejected: 'A moderator did not publish this. Only you can see it.',
  slow: 'The check is taking longer than usual. You can leave; nothing is lost.',
  shown: 'Your comment is published.',
  youWithdrew: 'You withdrew this comment.',
  // Reports
  reportWhy: 'What is wrong with this comment?',
  insult: 'Insult', threat: 'Threat', hate: 'Hate', spam: 'Spam', 'off-topic': 'Off topic',
  'personal-data': 'Personal data', other: 'Something else',
  reportMore: 'Anything a moderator should know? (optional)',
  send: 'Send report',
  thanks: 'Thank you. A moderator will look at it.',
  // Objecting to a rejection
  object: 'Object to this',
  byPerson: 'A moderator decided this.', byMachine: 'Software decided this, by the rules of this site.',
  appealUntil: 'You can object until {date}.',
  appealWhy: 'Why should this comment be published?',
  appealMore: 'A moderator reads this together with your comment. You can object once.',
  appealSend: 'Send objection',
  appealOpen: 'You objected. A moderator will look at it again, and you will see here what they decide.',
  appealGranted: 'You objected, and a moderator agreed with you.',
  appealDenied: 'You objected. A moderator looked at it again, and it stays unpublished.',
  // Writing
  write: 'Your comment', writeReply: 'Your reply to {name}', writeEdit: 'Edit your comment',
  invite: 'Join the discussion…',
  name: 'Name',
  hint: '**bold** _italic_ > quote `code`',
  preview: 'Preview', previewEmpty: 'Nothing to preview yet.',
  post: 'Post', postAnyway: 'Post anyway', save: 'Save', cancel: 'Cancel', sending: 'Sending…',
  left: { one: '{n} character left', other: '{n} characters left' },
  over: { one: '{n} character too many', other: '{n} characters too many' },
  needText: 'Write something first.', needName: 'Add a name, so that people can answer you.',
  wouldHold: 'A moderator would look at this first.',
  // What moderators imposed
  warningTitle: 'The moderators ask you to read this before you write again.',
  muteTitle: 'You cannot write here for now.',
  muteUntil: 'You can write here again after {when}.',
  holdTitle: 'Your comments appear once a moderator has read them.',
  banTitle: 'You can read here, but no longer take part.',
  haveRead: 'I have read this', thankRead: 'Thank you. You can write now.',
  draftKept: 'What you wrote is kept in this window.',
  sanctionMore: 'Who decided this, and what you can do',
  // When something goes wrong
  offline: 'You are offline. What you wrote is kept; try again once you are back.',
  offlineRead: 'You seem to be offline. This loads by itself once you are back.',
  unreachable: 'The comments server could not be reached. Try again in a moment.',
  unknown: 'Something went wrong. Nothing you wrote is lost.',
  again: 'Try again {when}.',
  // Points
  points: { one: '{n} point', other: '{n} points' },
  give: 'Give a point, {n} so far', take: 'Take your point back, {n} so far',
};

const plural = new Intl.PluralRules(words.lang), number = new Intl.NumberFormat(words.lang);
const relative = new Intl.RelativeTimeFormat(words.lang, { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat(words.lang, { dateStyle: 'long', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(words.lang, { dateStyle: 'long' });
const UNITS = [['year', 31536000], ['month', 2592000], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]];

export function t(key, values = {}) {
  const entry = words[key], text = entry.other ? entry[plural.select(values.n)] ?? entry.other : entry;
  return text.replace(/\{(\w+)\}/g, (_, name) => name === 'n' ? number.format(values.n) : values[name]);
}

export const full = (iso, clock = true) => (clock ? absolute : day).format(new Date(iso));

/** `seconds` from now as words: "5 minutes ago", "in 40 seconds". */
export function distance(seconds) {
  const size = Math.abs(seconds), [unit, length] = UNITS.find(([, s]) => size >= s) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / length), unit);
}

export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  return seconds > -60 ? t('now') : distance(seconds);
}

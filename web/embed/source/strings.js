// What a reader sees is said in their language: the words come from lang/, numbers, plurals and times from Intl.
// Of what is spoken at all LANGUAGES says; the build fills it in from the folder.
const SPOKEN = LANGUAGES;
const UNITS = [['year', 31536000], ['month', 2592000], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]];
const taught = {};
// What can be said before the words are here, or when they do not come.
let words = {
  none: 'Comments', failed: 'The comments did not load', retry: 'Try again', unreachable: 'The server could not be reached.',
  offlineRead: 'You seem to be offline.',
}, wordy = false, tongue, plural, number, relative, absolute, day;

/** The first of these languages that is spoken here; "pt-BR" is understood as "pt". */
export const spoken = (wanted) => wanted.map((lang) => lang?.toLowerCase().split('-')[0]).find((lang) => SPOKEN.includes(lang)) ?? 'en';

const asked = {};
function fetched(file) {
  return asked[file] ??= fetch(new URL(`lang/${file}.json?${DIGESTS.lang}`, import.meta.url), { credentials: 'omit' })
    .then((answer) => answer.json())
    .catch((error) => { delete asked[file]; throw error; });
}

/** Fetch the words of a language and speak it from then on. Of several asked for, the last is spoken. */
export async function speak(lang) {
  tongue = lang;
  const learned = await Promise.all([fetched(lang), wordy && fetched(`${lang}.later`)]);
  if (tongue !== lang) return;
  words = Object.assign({}, ...learned);
  plural = new Intl.PluralRules(lang);
  number = new Intl.NumberFormat(lang);
  relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
  absolute = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short' });
  day = new Intl.DateTimeFormat(lang, { dateStyle: 'long' });
}
/** Fetch also the words of the parts that come later, in whatever language is spoken. */
export function learn() {
  wordy = true;
  return tongue && speak(tongue);
}
/** Words that belong to a part which is fetched later; the same in every language. */
export const teach = (more) => Object.assign(taught, more);
/** The language that is spoken now, and which way it is written. */
export const speech = () => ({ lang: tongue, dir: words.dir });
/** What the server says in English, said in the reader's language if that is known here. */
export const inOwnWords = (key, text) => tongue !== 'en' && words[key] || text;

export function t(key, values = {}) {
  const entry = words[key] ?? taught[key] ?? key, text = entry.other ? entry[plural.select(values.n)] ?? entry.other : entry;
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

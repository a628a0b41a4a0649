// How many comments other pages have, on a page that lists them: links to #thread and <parley-count url>, all in one request.
const WANTED = 'a[href$="#thread"], parley-count', MOST = 50;
const SPOKEN = LANGUAGES;
const told = new WeakMap();  // element -> the page whose count it shows, or waits for
const learned = {};

const tongue = (element) => [element.closest('[lang]')?.lang, ...(navigator.languages ?? [])]
  .map((lang) => lang?.toLowerCase().split('-')[0]).find((lang) => SPOKEN.includes(lang)) ?? 'en';
const ask = async (url) => {
  const answer = await fetch(url, { credentials: 'omit' });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};
const words = (lang) => learned[lang] ??= ask(new URL(`lang/${lang}.json?${DIGESTS.lang}`, import.meta.url))
  .catch((error) => { delete learned[lang]; throw error; });

function pageOf(element) {
  try {
    return new URL(element.href ?? element.getAttribute('url') ?? '', document.baseURI).href.split('#')[0];
  } catch { return ''; }
}

async function show(element, n) {
  const lang = tongue(element), number = new Intl.NumberFormat(lang).format(n);
  if (element.hasAttribute('number')) return element.textContent = number;
  const { comments } = await words(lang);
  element.textContent = (comments[new Intl.PluralRules(lang).select(n)] ?? comments.other).replace('{n}', number);
}

/** What stands there stays where the server does not answer; the next change of the page asks again. */
async function fill(elements) {
  const url = new URL('../api/v1/counts', import.meta.url), pages = new Set(elements.map((one) => told.get(one)));
  for (const page of pages) url.searchParams.append('url', page);
  try {
    const { counts } = await ask(url);
    await Promise.all(elements.map((one) => show(one, counts[told.get(one)] ?? 0)));
  } catch { elements.forEach((one) => told.delete(one)); }
}

function look() {
  waiting = 0;
  const fresh = [...document.querySelectorAll(WANTED)].filter((one) => {
    const page = pageOf(one), is = page && told.get(one) !== page;
    if (is) told.set(one, page);
    return is;
  });
  for (let from = 0; from < fresh.length; from += MOST) fill(fresh.slice(from, from + MOST));
}

let waiting = 0;
new MutationObserver(() => waiting ||= setTimeout(look, 50))
  .observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['href', 'url'] });
look();

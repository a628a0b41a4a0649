// Suggests a break after so many minutes at the desk, with what was done since the last one.

const KEY = "parley.shift";
const AWAY = 10 * 60_000;
const EVERY = 15_000;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(shift) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(shift));
  } catch {
    // Without storage a shift lasts as long as the page.
  }
}

/** The shift so far; who was away for a while has had a break and begins anew. */
function present(now = Date.now()) {
  const shift = read();
  const goesOn = shift.seen && now - shift.seen < AWAY;
  const kept = goesOn ? shift : { since: now, cases: 0, told: 0 };
  return { ...kept, seen: document.hidden ? kept.seen ?? now : now };
}

/** Count one more case that was decided. */
export function countCase() {
  const shift = present();
  write({ ...shift, cases: shift.cases + 1 });
}

/** Look from time to time whether it is time for a break. */
export function watchShift() {
  const minutes = Number(document.body.dataset.break ?? 0);
  const look = () => {
    const shift = present();
    const here = Math.floor((Date.now() - shift.since) / 60_000);
    const isDue = minutes > 0 && here - shift.told >= minutes;
    write(isDue ? { ...shift, told: here } : shift);
    if (isDue) suggest(here, shift.cases);
  };
  look();
  setInterval(look, EVERY);
}

function suggest(minutes, cases) {
  const notice = document.getElementById("break");
  if (!notice) return;
  const decided = cases === 1 ? "1 case" : `${cases} cases`;
  notice.querySelector("p").textContent =
    `You have been here for ${minutes} minutes and decided ${decided}. A good moment for a break.`;
  notice.hidden = false;
  notice.querySelector("button").onclick = () => {
    notice.hidden = true;
    document.getElementById("main").focus({ preventScroll: true });
  };
}

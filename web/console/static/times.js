// Keeps "5 min ago" true on a page that stays open, and shows exact times in the local zone.

const STEPS = [[86400, "d"], [3600, "h"], [60, "min"]];

function ago(then) {
  const seconds = Math.floor((Date.now() - then) / 1000);
  if (seconds < 60) return "a moment ago";
  if (seconds >= 30 * 86400) return "";
  const [size, unit] = STEPS.find(([size]) => seconds >= size);
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** Bring all times below an element up to date. */
export function refresh(root = document) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const then = new Date(time.dateTime);
    const said = ago(then.getTime());
    if (said && time.textContent !== said) time.textContent = said;
    time.title = then.toLocaleString();
  }
}

// Times come as UTC text; here they become the reader's own, and spans that grow are kept up to date.
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const units = [['day', 86400], ['hour', 3600], ['minute', 60]];

function ago(date) {
  const seconds = (date - Date.now()) / 1000;
  if (Math.abs(seconds) < 45) return 'just now';
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size * 1.5) ?? ['minute', 60];
  return relative.format(Math.round(seconds / size), unit);
}

function localize(root) {
  for (const time of root.querySelectorAll('time[data-when]:not([data-local])')) {
    time.title = time.textContent;
    time.textContent = absolute.format(new Date(time.dateTime));
    time.dataset.local = '';
  }
  for (const time of root.querySelectorAll('time[data-ago]')) {
    if (time.dataset.local === undefined) {
      time.title = absolute.format(new Date(time.dateTime));
      time.dataset.local = '';
    }
    time.textContent = ago(new Date(time.dateTime));
  }
  tick(root);
}

function tick(root) {
  for (const span of root.querySelectorAll('[data-since]')) {
    const seconds = Math.max(0, Math.round((Date.now() - new Date(span.dataset.since)) / 1000));
    span.textContent = seconds < 90 ? `${seconds} s …` : `${Math.floor(seconds / 60)} min ${seconds % 60} s …`;
  }
}

localize(document);
document.addEventListener('htmx:load', (event) => localize(event.target.parentNode ?? event.target));
setInterval(() => tick(document), 1000);
setInterval(() => localize(document), 30_000);

// j and k go through the requests, x ticks one, a approves it, d goes to the reason for a no. Never while somebody types.
const items = () => [...document.querySelectorAll('.inbox-item')];

function current() {
  return document.activeElement?.closest('.inbox-item');
}

function go(step) {
  const all = items();
  if (all.length === 0) return;
  const at = all.indexOf(current());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: 'nearest' });
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: (item) => item?.querySelector('input[name="id"]').click(),
  a: (item) => item?.querySelector('[id^="approve-"]').click(),
  d: (item) => item?.querySelector('textarea[name="reason"]').focus(),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest('input:not([type=checkbox]), textarea, select, dialog')) {
    // Escape leaves a field, so that the keys work again.
    if (event.key === 'Escape') event.target.closest('.inbox-item')?.focus();
    return;
  }
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key](current());
});

// What is done to all ticked ones needs some.
const bulk = document.getElementById('bulk');

function count() {
  const ticked = document.querySelectorAll('input[name="id"][form="bulk"]:checked').length;
  for (const button of bulk.querySelectorAll('button')) {
    button.disabled = ticked === 0;
    button.title = ticked === 0 ? 'Tick requests first.' : '';
  }
  document.getElementById('bulk-label').textContent = ticked === 0 ? 'With the ticked requests:' : `With ${ticked} ticked:`;
}

if (bulk) {
  document.addEventListener('change', count);
  window.addEventListener('pageshow', count);
  count();
}

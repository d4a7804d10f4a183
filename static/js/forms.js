// Small helps for forms; each form works without them.

// Copy buttons show up only where copying works.
function readyCopy(root) {
  if (!navigator.clipboard) return;
  root.querySelectorAll('[data-copy][hidden]').forEach((button) => button.removeAttribute('hidden'));
}

// Tick all, in the head of a table.
function readyCheckAll(root) {
  root.querySelectorAll('[data-check-all]').forEach((all) => all.removeAttribute('hidden'));
  for (const form of document.querySelectorAll('.bulk-form')) countTicked(form);
}

// Rows are drawn anew when their machine changes; what was ticked stays ticked.
const tickedIds = new Set();

function rememberTicks() {
  document.querySelectorAll('tbody input[name="id"]').forEach((box) => (box.checked ? tickedIds.add(box.value) : tickedIds.delete(box.value)));
}

function restoreTicks(root) {
  root.querySelectorAll('tbody input[name="id"]').forEach((box) => (box.checked = box.checked || tickedIds.has(box.value)));
}

function countTicked(form) {
  // Not form.id: its boxes are named that.
  const ticked = document.querySelectorAll(`input[name="id"][form="${form.getAttribute('id')}"]:checked`).length;
  form.querySelectorAll('button').forEach((button) => {
    button.disabled = ticked === 0;
    button.title = ticked === 0 ? 'Tick machines first.' : '';
  });
  const label = form.querySelector('.bulk-label');
  if (label) label.textContent = ticked === 0 ? 'With the ticked machines:' : `With ${ticked} ticked:`;
}

// The button that deletes wakes up when the name is typed.
function readyMatch(root) {
  for (const form of root.querySelectorAll('form[data-match]')) {
    const input = form.querySelector('input:not([type=hidden]):not([type=radio]):not([type=checkbox])');
    const button = form.querySelector('button');
    const check = () => {
      button.disabled = input.value.trim() !== form.dataset.match;
      button.title = button.disabled ? `Type ${form.dataset.match} first.` : '';
    };
    input.addEventListener('input', check);
    check();
  }
}

// The field for "another value" shows only while that is chosen.
function readyOther(root) {
  for (const select of root.querySelectorAll('select[data-other]')) {
    const field = document.querySelector(`[data-other-field="${select.dataset.other}"]`);
    const check = () => (field.hidden = select.value !== 'other');
    select.addEventListener('change', check);
    check();
  }
}

function ready(root) {
  readyCopy(root);
  readyCheckAll(root);
  readyMatch(root);
  readyOther(root);
}

document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.classList.add('copied');
    setTimeout(() => copy.classList.remove('copied'), 1500);
  }
  const open = event.target.closest('[data-open]');
  if (open) document.getElementById(open.dataset.open).showModal();
  for (const menu of document.querySelectorAll('details.menu[open], details.confirm[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open], details.confirm[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

document.addEventListener('change', (event) => {
  const all = event.target.closest('[data-check-all]');
  if (all) {
    document.querySelectorAll(`tbody input[name="${all.dataset.checkAll}"]`).forEach((box) => (box.checked = all.checked));
  }
  rememberTicks();
  document.querySelectorAll('.bulk-form').forEach(countTicked);
});

// A form is sent once, however often its button is pressed.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.getAttribute('method') !== 'post' || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  setTimeout(() => delete form.dataset.sent, 5000);
});
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent));

// What a page was fetching when it went away is no error to write into the console.
const underway = new Set();
document.addEventListener('htmx:beforeSend', (event) => underway.add(event.detail.xhr));
document.addEventListener('htmx:afterRequest', (event) => underway.delete(event.detail.xhr));
window.addEventListener('pagehide', () => underway.forEach((request) => (request.onabort = null)));

ready(document);
document.addEventListener('htmx:afterSwap', () => restoreTicks(document));
document.addEventListener('htmx:load', (event) => ready(event.target.parentNode ?? event.target));

// n asks for a machine, / goes to the filter, ? lists these. Never while somebody types.
const shortcuts = document.getElementById('shortcuts');
document.querySelectorAll('[data-open="shortcuts"]').forEach((button) => button.removeAttribute('hidden'));

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest('input, textarea, select, [contenteditable], canvas, dialog, [data-no-shortcuts]')) return;
  if (event.key === 'n' && document.body.dataset.newUrl) {
    location.assign(document.body.dataset.newUrl);
  } else if (event.key === '/') {
    const filter = document.querySelector('form[role="search"] input');
    if (filter) {
      event.preventDefault();
      filter.focus();
    }
  } else if (event.key === '?') {
    shortcuts.showModal();
  }
});

// Runs before the page is drawn: with "as the system", the page takes the system's light or dark from the start.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme !== 'auto') return;
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => root.setAttribute('data-bs-theme', dark.matches ? 'dark' : 'light');
  apply();
  dark.addEventListener('change', apply);
})();

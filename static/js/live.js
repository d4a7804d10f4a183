// Hears what changed and lets htmx fetch the parts of the page that show it. A hidden page hangs up, so that many open
// tabs don't use up the browser's connections, and looks at everything when it is seen again.
const url = document.body.dataset.liveUrl;
const RETRY_MILLIS = 5_000;
let source = null;
let missed = false;

const touch = (selector) => {
  const found = document.querySelectorAll(selector);
  found.forEach((element) => window.htmx.trigger(element, 'live'));
  return found.length > 0;
};

function changed(topic) {
  if (topic === 'beat' || !/^[a-z0-9-]+$/.test(topic)) return;
  if (topic === 'all') {
    touch('[data-live]');
    return;
  }
  const known = touch(`[data-live~="${topic}"]`);
  const family = topic.slice(0, topic.indexOf('-'));
  touch(`[data-live~="${family}s"]`);
  if (!known) touch(`[data-live~="other-${family}s"]`);
}

function open() {
  if (source || document.hidden || !document.querySelector('[data-live]')) return;
  source = new EventSource(url);
  source.onopen = () => {
    // Between drawing the page and this line something under way may have moved on.
    touch(missed ? '[data-live]' : '[data-live][data-changing]');
    missed = true;
  };
  source.onmessage = (event) => changed(event.data);
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, RETRY_MILLIS);
    }
  };
}

function close() {
  source?.close();
  source = null;
}

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
window.addEventListener('pagehide', close);
window.addEventListener('pageshow', open);
open();

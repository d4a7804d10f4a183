// Hears what changed and lets htmx fetch the parts of the page that show it. A hidden page hangs up, so that many open
// tabs don't use up the browser's connections, and looks at everything when it is seen again.
const url = document.body.dataset.liveUrl;
const FIRST_RETRY_MILLIS = 2_000;
const LAST_RETRY_MILLIS = 60_000;
let retryMillis = FIRST_RETRY_MILLIS;
let source = null;
let missed = false;
const again = new Set();

// A part that is being fetched is replaced when that ends, and what it has waiting is lost with it: it is fetched again.
const touch = (selector) => {
  const found = document.querySelectorAll(selector);
  found.forEach((element) => {
    if (element.id && element.classList.contains('htmx-request')) again.add(element.id);
    else window.htmx.trigger(element, 'live');
  });
  return found.length > 0;
};

document.addEventListener('htmx:afterSettle', (event) => {
  if (again.delete(event.target.id)) window.htmx.trigger(event.target, 'live');
});

function changed(topic) {
  if (!/^[a-z0-9-]+$/.test(topic)) return;
  // Where somebody else says who is signed in, being here has to be said now and then.
  if (topic === 'seen') {
    fetch(`${url}?once=1`).catch(() => {});
    return;
  }
  // Comes every few seconds: for what moves on though nothing of this team changed, such as a place in a queue.
  if (topic === 'beat') {
    touch('[data-live~="beat"]');
    return;
  }
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
    retryMillis = FIRST_RETRY_MILLIS;
    // Between drawing the page and this line something under way may have moved on.
    touch(missed ? '[data-live]' : '[data-live][data-changing]');
    missed = true;
  };
  source.onmessage = (event) => changed(event.data);
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, retryMillis);
      retryMillis = Math.min(retryMillis * 2, LAST_RETRY_MILLIS);
    }
  };
}

function close() {
  source?.close();
  source = null;
}

// Whose login has ended gets the login page, not a piece of it inside this one.
document.addEventListener('htmx:beforeSwap', (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === '/login') {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

document.addEventListener('htmx:responseError', (event) => {
  if (event.detail.xhr.status === 401) location.reload();
});

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
window.addEventListener('pagehide', close);
window.addEventListener('pageshow', open);
open();

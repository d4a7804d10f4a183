// Who is connected to the machine, as the server tells it.

const RETRY = 15_000;

/**
 * A page that nobody looks at holds no connection, of which a browser has six for a site. It asks once in a while, and
 * the pause is the event source's own: browsers slow a hidden page's timers down. Asking keeps its login in use.
 *
 * @param tell gets a list of {id, username, since, viewOnly, address}
 */
export function follow(url, tell) {
  let source = null;
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    source = new EventSource(document.hidden ? `${url}?hidden=1` : url);
    source.onmessage = (event) => {
      if (event.data === 'seen') {
        fetch(`${url}?hidden=1`).catch(() => {});
      } else if (event.data !== 'beat') {
        tell(JSON.parse(event.data));
      }
    };
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) {
        timer = setTimeout(open, RETRY);
      }
    };
  };
  document.addEventListener('visibilitychange', open);
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (event) => event.persisted && open());
  open();
}

/** Names are text: whatever is in them stays text. */
export function list(place, people) {
  place.replaceChildren(...people.map((one) => {
    const item = document.createElement('li');
    item.textContent = one.username + (one.viewOnly ? ' (view only)' : '');
    const since = document.createElement('small');
    const at = new Date(one.since);
    const today = at.toDateString() === new Date().toDateString();
    since.textContent = ` since ${today ? at.toLocaleTimeString() : at.toLocaleString()}`
      + (one.address ? ` from ${one.address}` : '');
    item.append(since);
    return item;
  }));
}

export function count(people) {
  const number = people.length;
  return number === 0 ? 'Nobody connected' : `${number} connected`;
}

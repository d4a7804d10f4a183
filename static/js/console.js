// The console's page: connects noVNC to the machine's screen and keeps it so.

import RFB from '/vendor/novnc/core/rfb.js';
import { initLogging } from '/vendor/novnc/core/util/logging.js';

const version = new URL(import.meta.url).search;
const { Patience, open } = await import(`./console-link.js${version}`);
const { refresh, wire } = await import(`./console-bar.js${version}`);
const { count, follow, list } = await import(`./console-people.js${version}`);

const WAIT_FOR_START = 2_000;
const WAIT_WHILE_OFF = 5_000;
const STARTING = 60_000;

// What goes wrong is told by the page in its own words.
initLogging('none');

const page = document.getElementById('console');
const place = document.getElementById('console-screen');
const state = document.getElementById('console-state');
const notice = document.getElementById('console-notice');
const messages = [...document.querySelectorAll('[data-cause]')];
const patience = new Patience();

const screen = {
  rfb: null, // connected
  current: null, // connecting or connected
  attempt: 0,
  timer: 0,
  startingUntil: 0,
  readOnly: false,
  takesOver: false, // with the next connection
  askedAgain: false, // after having been denied
  scaled: true,

  get viewOnly() { return this.readOnly; },
  // The server has to know, so it is another connection.
  set viewOnly(on) {
    this.readOnly = on;
    notice.textContent = '';
    refresh(this);
    if (this.current) {
      this.connect();
    }
  },

  get fit() { return this.scaled; },
  set fit(on) {
    this.scaled = on;
    if (this.rfb) {
      this.rfb.scaleViewport = on;
    }
  },

  /** Lets go of all keys that the machine believes to be pressed: noVNC does so when the window loses the focus. */
  letGo() {
    window.dispatchEvent(new Event('blur'));
    refresh(this);
  },

  /** A person asked for it: patience starts anew. */
  connect() {
    patience.reset();
    this.askedAgain = false;
    connect();
  },

  takeOver() {
    this.readOnly = false;
    this.takesOver = true;
    notice.textContent = '';
    this.connect();
  },

  async power(form) {
    const verb = form.dataset.power;
    try {
      const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
      if (!response.ok) {
        throw new Error(response.statusText);
      }
    } catch {
      form.submit();
      return;
    }
    if (verb === 'start' && !this.rfb) {
      this.startingUntil = Date.now() + STARTING;
      show('starting');
      say('wait', 'Starting');
      later(WAIT_FOR_START, true);
    }
  },
};

function say(kind, text) {
  state.dataset.state = kind;
  if (state.textContent !== text) {
    state.textContent = text;
  }
}

function connectedText() {
  return screen.readOnly ? 'Connected, view only' : 'Connected';
}

function show(cause) {
  messages.forEach((message) => { message.hidden = message.dataset.cause !== cause; });
}

function later(milliseconds, quietly = false) {
  clearTimeout(screen.timer);
  screen.timer = setTimeout(() => {
    if (document.hidden) {
      document.addEventListener('visibilitychange', () => connect(quietly), { once: true });
    } else {
      connect(quietly);
    }
  }, milliseconds);
}

/** @param quietly looks whether there is a screen meanwhile; what is shown stays */
async function connect(quietly = false) {
  const attempt = ++screen.attempt;
  clearTimeout(screen.timer);
  drop();
  if (!quietly) {
    say('wait', 'Connecting');
  }
  const mode = screen.takesOver ? 'take-over' : screen.readOnly ? 'view' : 'control';
  screen.takesOver = false;
  const got = await open(page.dataset.ticketUrl, mode);
  if (attempt !== screen.attempt) {
    got.socket?.close();
    return;
  }
  if (got.cause) {
    stopped(got.cause);
    return;
  }
  start(got.socket, attempt);
  const { cause, reason } = await got.ended;
  if (attempt === screen.attempt) {
    drop();
    stopped(cause, reason);
  }
}

function start(socket, attempt) {
  const rfb = new RFB(place, socket, { shared: true });
  screen.current = rfb;
  rfb.background = 'transparent';
  rfb.focusOnClick = true;
  rfb.addEventListener('connect', () => {
    if (attempt !== screen.attempt) {
      return;
    }
    screen.rfb = rfb;
    screen.startingUntil = 0;
    screen.askedAgain = false;
    rfb.viewOnly = screen.readOnly;
    rfb.scaleViewport = screen.scaled;
    label();
    patience.connected();
    show(null);
    say('on', connectedText());
    refresh(screen);
    if (!document.activeElement || document.activeElement === document.body) {
      rfb.focus();
    }
  });
  // Berth's own VNC servers ask for nothing; whatever asks is not one of them.
  rfb.addEventListener('credentialsrequired', () => rfb.disconnect());
}

// noVNC's canvas knows no names; without a place in the tab order it could be reached by mouse only.
function label() {
  const canvas = place.querySelector('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', `Screen of ${page.dataset.machine}`);
  canvas.setAttribute('aria-describedby', 'console-hint');
}

function drop() {
  screen.current?.disconnect();
  screen.current = null;
  screen.rfb = null;
  place.replaceChildren();
  refresh(screen);
}

function stopped(cause, reason) {
  if (cause === 'taken') {
    screen.readOnly = true;
    notice.textContent = `${reason} You still see the screen.`;
    connect();
    return;
  }
  // Why is known to whoever asks for another ticket: signed out, gone, or denied indeed.
  if (cause === 'denied' && !screen.askedAgain) {
    screen.askedAgain = true;
    connect();
    return;
  }
  if (cause === 'off' || (cause === 'unreachable' && screen.startingUntil)) {
    const starting = Date.now() < screen.startingUntil;
    screen.startingUntil = starting ? screen.startingUntil : 0;
    show(starting ? 'starting' : 'off');
    say(starting ? 'wait' : 'off', starting ? 'Starting' : 'Off');
    later(starting ? WAIT_FOR_START : WAIT_WHILE_OFF, true);
    return;
  }
  const pause = ['lost', 'unreachable', 'expired'].includes(cause) ? patience.next() : undefined;
  if (cause === 'expired' && pause) {
    later(pause * 1000);
    return;
  }
  show(cause);
  say('off', 'Not connected');
  document.querySelectorAll('[data-retry]').forEach((place_) => {
    place_.textContent = pause ? `Trying again in ${pause} s.` : '';
  });
  if (pause) {
    later(pause * 1000);
  }
}

wire(screen);
document.querySelector('.console-tools').hidden = false;
refresh(screen);
if (typeof WebSocket === 'undefined' || !document.createElement('canvas').getContext('2d')) {
  show('unsupported');
} else {
  connect();
}
follow(page.dataset.liveUrl, (people) => {
  list(document.getElementById('console-people'), people);
  document.getElementById('console-count').textContent = count(people);
});

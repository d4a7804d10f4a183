// Gets tickets, opens the WebSocket, and says in one word why there is no screen.

const CAUSES = {
  4001: 'expired', 4003: 'denied', 4004: 'off', 4010: 'unreachable', 4011: 'lost', 4012: 'lost', 4013: 'busy',
  4014: 'user-full', 4015: 'machine-full', 4016: 'taken',
};
const NO_TICKET = { 'machine-off': 'off', 'not-found': 'gone', forbidden: 'denied' };

/** Asks for a ticket. @return {url} or {cause} */
async function ticket(address) {
  let response;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' },
      redirect: 'manual',
      cache: 'no-store',
    });
  } catch {
    return { cause: 'lost' };
  }
  if (response.type === 'opaqueredirect' || response.status === 401) {
    return { cause: 'signed-out' };
  }
  const json = response.headers.get('Content-Type')?.includes('json') ? await response.json().catch(() => ({})) : {};
  if (response.status === 201) {
    const url = new URL(json.url, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    return { url };
  }
  return { cause: NO_TICKET[json.code] ?? 'unreachable' };
}

/**
 * One attempt.
 *
 * @param mode control, view or take-over
 * @return {socket} connecting, with a promise `ended` of the cause and the server's reason, or {cause}
 */
export async function open(address, mode) {
  const got = await ticket(`${address}?mode=${mode}`);
  if (got.cause) {
    return got;
  }
  const socket = new WebSocket(got.url);
  socket.binaryType = 'arraybuffer';
  const ended = new Promise((resolve) => {
    socket.addEventListener('close', (event) => {
      resolve({ cause: CAUSES[event.code] ?? 'lost', reason: event.reason });
    });
  });
  return { socket, ended };
}

const PAUSES = [1, 2, 4, 8, 15, 15, 30];
const STEADY = 10_000;

/** When to try again by itself: growing pauses, and after the last none. */
export class Patience {
  #tries = 0;
  #since = 0;

  connected() {
    this.#since = Date.now();
  }

  reset() {
    this.#tries = 0;
    this.#since = 0;
  }

  /** @return seconds, or undefined when it is no use */
  next() {
    if (this.#since && Date.now() - this.#since > STEADY) {
      this.#tries = 0;
    }
    this.#since = 0;
    return PAUSES[this.#tries++];
  }
}

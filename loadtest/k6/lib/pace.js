const TICK_MS = 5;

/**
 * Open loop: `send(n)` at `rate` a second by the clock for so long, late ones at once. Resolves with how many there were.
 */
export function pace(rate, seconds, send) {
  return new Promise((resolve) => {
    const started = Date.now();
    let sent = 0;
    const tick = () => {
      const elapsedMs = Math.min(Date.now() - started, seconds * 1_000);
      while (sent < Math.floor((elapsedMs * rate) / 1_000)) send(sent++);
      if (elapsedMs >= seconds * 1_000) resolve(sent);
      else setTimeout(tick, TICK_MS);
    };
    tick();
  });
}

/** Resolves as soon as `test` holds, at the latest after `timeoutMs`. */
export function settleWithin(timeoutMs, test) {
  return new Promise((resolve) => {
    const deadline = Date.now() + timeoutMs;
    const look = () => {
      if (test() || Date.now() >= deadline) resolve();
      else setTimeout(look, 20);
    };
    look();
  });
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

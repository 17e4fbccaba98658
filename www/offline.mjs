// The page's way to the service worker (sw.js): registers it and tells how it stands. src/page/offline.rs says what that means.

let registered;

/**
 * Has the site kept for use without a network.
 *
 * @param {string} script The service worker's address; the site is its folder.
 * @param {string} engine The address of the engine's script: no other build has it.
 * @param {(heard: object) => void} tell
 */
export function keep(script, engine, tell) {
  const check = { kind: 'check', engine };
  const container = navigator.serviceWorker;
  // Not in some private windows, not over plain http from another machine.
  if (!container) return tell({ kind: 'unable' });
  container.addEventListener('message', ({ data }) => tell(data));
  container.startMessages();

  let controlled = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    // Another page let a new build take over. This one stays what it is until it is loaded again.
    if (controlled) tell({ kind: 'waiting' });
    controlled = true;
  });

  const followed = new Set();
  const follow = (worker) => {
    if (!worker || followed.has(worker)) return;
    followed.add(worker);
    if (!registered.active) tell({ kind: 'keeping' });
    worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && registered.active) tell({ kind: 'waiting' });
      if (worker.state === 'activated') worker.postMessage(check);
    });
  };
  const register = async () => {
    try {
      // The script itself is asked of the host each time: it is what tells a new build.
      registered = await container.register(script, { updateViaCache: 'none' });
      if (!registered) return tell({ kind: 'unable' });
    } catch (error) {
      // A TypeError: the script did not come, or something else came in its place.
      return tell(error instanceof TypeError ? { kind: 'refused', reason: 'network', installing: true } : { kind: 'unable' });
    }
    registered.addEventListener('updatefound', () => follow(registered.installing));
    follow(registered.installing);
    registered.active?.postMessage(check);
    // A browser looks for a new build by itself some time after a page is loaded; where much is computed, that can be minutes.
    if (registered.active) registered.update().catch(() => {});
    if (registered.waiting) tell({ kind: 'waiting' });
  };
  // Pages at an exhibition are open for days: when the network is back is the time to look.
  addEventListener('online', () => (registered?.active ? registered.update().catch(() => {}) : register()));
  register();
}

/** Loads the page anew, with the build that waits. */
export function takeOver() {
  const waiting = registered?.waiting;
  if (!waiting) return location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage({ kind: 'take-over' });
}

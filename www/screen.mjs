// What stage mode needs of a browser: the whole screen, one that stays on, gamepads, and a channel between two windows of the site.

const CHANNEL = 'tenshot-stage';

/** Whether the page has the whole screen. */
export const fillsScreen = () => document.fullscreenElement !== null;

/** Asks for the whole screen, or gives it back. Browsers refuse it without a key or a click: the page then fills its window. */
export function fillScreen(whole) {
  if (whole === fillsScreen()) return;
  const answer = whole ? document.documentElement.requestFullscreen?.() : document.exitFullscreen?.();
  answer?.catch(() => {});
}

/** Keeps the screen on while `wanted()` says so. Browsers take that back when the page goes out of sight. */
export function stayAwake(wanted) {
  let lock = null;
  const follow = async () => {
    const now = wanted() && document.visibilityState === 'visible';
    if (now && (!lock || lock.released)) lock = await navigator.wakeLock?.request('screen').catch(() => null);
    if (!now && lock) await lock.release().catch(() => {});
  };
  document.addEventListener('visibilitychange', follow);
  setInterval(follow, 10_000);
}

/** Calls `press` with the number of each button that goes down on any gamepad. */
export function followPads(press) {
  const down = new Map();
  let looks = false;
  const look = () => {
    const pads = navigator.getGamepads().filter(Boolean);
    for (const { index, buttons } of pads) {
      const before = down.get(index) ?? [];
      const now = buttons.map(({ pressed }) => pressed);
      down.set(index, now);
      now.forEach((pressed, button) => pressed && !before[button] && press(button));
    }
    looks = pads.length > 0;
    if (looks) requestAnimationFrame(look);
  };
  // Until a button is pressed a browser does not tell of any gamepad.
  addEventListener('gamepadconnected', () => {
    if (looks) return;
    looks = true;
    look();
  });
}

/** Calls `hear` with what other windows say; returns what says something to them. Where a browser has no channels, nothing is heard. */
export function channel(hear) {
  if (!globalThis.BroadcastChannel) return () => {};
  const open = new BroadcastChannel(CHANNEL);
  open.onmessage = ({ data }) => typeof data === 'string' && hear(data);
  return (text) => open.postMessage(text);
}

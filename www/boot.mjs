// Starts the page. Its two files have names that change with their content; Trunk writes them into a <meta> element.

// The policy in index.html has to allow any script of the site to become a worker ('self'), as it does not know where the site
// will be. Here that is known, and a second policy narrows it: blob: for the engine's worker, which then has the page's policies,
// and the service worker, the only one that is fetched. Each request has to satisfy both.
const site = document.querySelector('meta[name="tenshot"]');
const narrower = document.createElement('meta');
narrower.httpEquiv = 'Content-Security-Policy';
const keeper = new URL(site.dataset.offline, document.baseURI).href;
narrower.content = `worker-src blob: ${keeper.replaceAll(';', '%3B').replaceAll(',', '%2C')}`;
document.head.append(narrower);

/** What no markup of the page has: whatever runs, fetches, or changes what addresses mean. */
const DANGEROUS = /<\s*\/?\s*(script|style|link|meta|base|iframe|frame|object|embed|form)\b|\son\w+\s*=|javascript:|srcdoc/i;

// Trusted Types, where the browser has them: index.html asks for them, and this is the one way through. A text becomes the address of a
// worker if it is the page's own text or the service worker, markup if nothing in it could run, and a script never.
globalThis.trustedTypes?.createPolicy('default', {
  createScriptURL: (url) => (url === keeper || url.startsWith(`blob:${location.origin}/`) ? url : null),
  // Leptos makes what never changes of a view from one string.
  createHTML: (markup) => (DANGEROUS.test(markup) ? null : markup),
});

const { content: script, dataset } = document.querySelector('meta[name="tenshot-page"]');

/** How long the first picture of the static page is waited for, in milliseconds. A tab in the background has none. */
const PATIENCE = 2_000;

// Drawing the page keeps the browser for a while, on a slow machine for seconds. What a visitor reads meanwhile has to be on the screen
// before that, and not only asked for: browsers that tell of the first picture tell when it is there.
const painted = new Promise((resolve) => {
  if (document.visibilityState !== 'visible') resolve();
  setTimeout(resolve, PATIENCE);
  new PerformanceObserver((pictures) => {
    if (pictures.getEntriesByName('first-contentful-paint').length > 0) resolve();
  }).observe({ type: 'paint', buffered: true });
});

// On its way from the beginning; what goes wrong with it is told below.
const wasm = fetch(new URL(dataset.wasm, document.baseURI));
wasm.catch(() => {});

try {
  const { default: init } = await import(new URL(script, document.baseURI));
  await painted;
  await init({ module_or_path: wasm });
} catch (error) {
  const message = document.getElementById('boot-error');
  message.append(document.createElement('br'), String(error));
  message.hidden = false;
  // For programs, see docs/door.md.
  Object.assign(document.documentElement.dataset, { tenshot: 'failed', tenshotCode: 'boot' });
  document.getElementById('tenshot-hold')?.remove();
  throw error;
}

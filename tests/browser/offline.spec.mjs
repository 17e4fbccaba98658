// The site is kept and runs without a network; a new build replaces the old one as a whole; nothing else is ever kept.

import { engineIs, primaryIs, stepsMade } from './support/page.mjs';
import { built, host as open, moved, rebuilt } from './support/host.mjs';
import { expect, test as base } from './support/test.mjs';

const test = base.extend({
  // Playwright's own fixtures come in this way.
  site: [
    async ({}, use) => {
      await use(await built());
    },
    { scope: 'worker' },
  ],
  host: async ({ site }, use) => {
    const host = await open(site);
    await use(host);
    await host.close();
  },
});

test.use({ serviceWorkers: 'allow' });

/** A file that the page itself does not ask for, so that no good copy of it is in the browser's cache. */
const ICON = 'icons/maskable-512.png';
const PORTAL = { status: 200, body: '<!doctype html><title>Welcome to the hotel</title>' };

const sign = (page) => page.getByTestId('offline');

async function signIs(page, state) {
  await expect(sign(page)).toHaveAttribute('data-state', state, { timeout: 60_000 });
}

/** Opens the site of a host and waits until it is kept. */
async function keep(page, host) {
  await page.goto(`${host.url}?device=cpu`);
  await signIs(page, 'kept');
  await expect(sign(page)).toHaveText('Ready for use without a network');
}

/** Three steps of a run, as a visitor makes them. */
async function makesSteps(page) {
  await engineIs(page, 'ready');
  for (const step of [1, 2, 3]) {
    await page.getByTestId('step').click();
    await expect.poll(() => stepsMade(page), { timeout: 60_000 }).toBe(step);
    await primaryIs(page, 'resume');
  }
}

/** The folder of engine and charts that a page names, and the one that its engine came from. */
async function folders(page) {
  const named = await page.locator('meta[name="tenshot"]').getAttribute('data-assets');
  const entries = () => performance.getEntriesByType('resource').map(({ name }) => name);
  const loaded = await page.workers().at(-1).evaluate(entries);
  const used = new Set(loaded.map((name) => /\/(assets-[^/]+)\//.exec(name)?.[1]).filter(Boolean));
  return { named: /assets-[^/]+/.exec(named)[0], used: [...used] };
}

/** What is kept, by cache. */
const kept = (page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('tenshot '));
    return Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
  });

test('without a network the page opens, runs and starts a fresh engine', async ({ page, context, host, site }) => {
  await keep(page, host);
  await context.setOffline(true);
  await host.close();
  await page.reload();
  await makesSteps(page);
  await expect(page.getByTestId('chart-missing')).toHaveCount(0);
  await signIs(page, 'kept');
  // Another address of the page, another engine.
  await page.goto(`${host.url}index.html?device=cpu&lang=zh&preset=safety-10`);
  await engineIs(page, 'ready');
  await expect(sign(page)).toHaveText('断网时也可以使用');
  // All that the list has is kept, and nothing besides.
  const [addresses, ...others] = await kept(page);
  expect(others).toEqual([]);
  expect(addresses).toContain(host.url);
  const names = addresses.map((url) => url.replace(host.url, '').split('?')[0] || 'index.html');
  expect([...site.keys()].filter((name) => !names.includes(name) && !/^(sw\.js|models\/folio-.*)$/.test(name))).toEqual([]);
});

// A private window, which every test has, keeps nothing as large as the engine in its cache: there it comes a second time.
const CACHED = 16e6;

test('nothing is fetched twice that a cache has room for', async ({ page, host, site }) => {
  await keep(page, host);
  const fits = (name) => name !== 'sw.js' && (site.get(name)?.length ?? 0) < CACHED;
  const twice = () => [...host.asked].filter(([name, times]) => times > 1 && fits(name));
  expect(twice()).toEqual([]);
  const before = new Map(host.asked);
  await page.reload();
  await engineIs(page, 'ready');
  await signIs(page, 'kept');
  const again = [...host.asked].filter(([name, times]) => name !== 'sw.js' && times > (before.get(name) ?? 0));
  expect(again, 'a second visit asks for nothing').toEqual([]);
});

test('a new build replaces the old one as a whole', async ({ page, context, host, site }) => {
  await keep(page, host);
  const { named: old } = await folders(page);
  // The host has the new build alone.
  host.files = moved(site, 'assets-of-the-new-build');
  await page.reload();
  await engineIs(page, 'ready');
  expect(await folders(page)).toEqual({ named: old, used: [old] });
  await signIs(page, 'update');
  // A second page of the old build, which is not reloaded.
  const second = await context.newPage();
  await second.goto(`${host.url}?device=cpu`);
  await engineIs(second, 'ready');

  await page.getByTestId('offline-update').click();
  await expect(page.locator('meta[name="tenshot"]')).toHaveAttribute('data-assets', /assets-of-the-new-build/);
  await engineIs(page, 'ready');
  const next = 'assets-of-the-new-build';
  expect(await folders(page)).toEqual({ named: next, used: [next] });
  await signIs(page, 'kept');

  // The old page goes on with its own engine, though the host has it no more, and says that there is a new build.
  await signIs(second, 'update');
  await second.getByTestId('theme').selectOption('dark');
  await second.locator('[data-testid="device"]').selectOption('auto');
  await engineIs(second, 'ready');
  expect(await folders(second)).toEqual({ named: old, used: [old] });
  await second.getByTestId('offline-update').click();
  await expect(second.locator('meta[name="tenshot"]')).toHaveAttribute('data-assets', /assets-of-the-new-build/);
  await second.close();

  // And what is left of the old one goes with the next change.
  host.files = moved(site, 'assets-of-a-third-build');
  await page.reload();
  await signIs(page, 'update');
  await page.getByTestId('offline-update').click();
  await expect(page.locator('meta[name="tenshot"]')).toHaveAttribute('data-assets', /assets-of-a-third-build/);
  await signIs(page, 'kept');
  expect(await kept(page)).toHaveLength(1);
});

test('a build that breaks off leaves the old one', async ({ page, host, site }) => {
  await keep(page, host);
  const { named: old } = await folders(page);
  host.files = rebuilt(moved(site, 'assets-new'), (next) => next.set('new.css', Buffer.from('/* new */')));
  host.rule = (name) => (name === 'new.css' ? { status: 404 } : null);
  await page.reload();
  await engineIs(page, 'ready');
  await expect.poll(() => host.asked.get('new.css')).toBeGreaterThan(0);
  await page.reload();
  await engineIs(page, 'ready');
  expect((await folders(page)).named).toBe(old);
  await signIs(page, 'kept');
  await expect(page.getByTestId('offline-update')).toHaveCount(0);
});

for (const [what, answer, text] of [
  ['a captive portal', PORTAL, /something else came/],
  ['an error', { status: 503, body: 'later' }, /not every file came/],
]) {
  test(`the answer of ${what} is not kept, and the page works`, async ({ page, host, complaints }) => {
    complaints.announce(/503/);
    host.rule = (name) => (name === ICON ? answer : null);
    await page.goto(`${host.url}?device=cpu`);
    await signIs(page, 'refused');
    await expect(sign(page)).toHaveText(text);
    expect((await kept(page)).flat().filter((url) => url.endsWith(ICON))).toEqual([]);
    await page.getByTestId('step').click();
    await primaryIs(page, 'resume');
    // The host has mended it. What it said before may be in the browser's cache, for as long as it said.
    host.rule = null;
    await page.reload();
    await signIs(page, 'kept');
  });
}

test('behind a captive portal the page is the one that was kept', async ({ page, host }) => {
  await keep(page, host);
  host.rule = () => PORTAL;
  await page.reload();
  await makesSteps(page);
  await signIs(page, 'kept');
});

test('a damaged copy is not believed, and mended', async ({ page, host }) => {
  await keep(page, host);
  const weights = (await kept(page)).flat().find((url) => url.includes('model.safetensors'));
  await page.evaluate(async (url) => {
    const cache = await caches.open((await caches.keys()).find((name) => name.startsWith('tenshot ')));
    const copy = await cache.match(url);
    await cache.put(url, new Response(new Uint8Array((await copy.arrayBuffer()).byteLength)));
  }, weights);
  await page.reload();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('error')).toHaveCount(0);
  expect(host.asked.get('models/folio/model.safetensors'), 'past every cache').toBeGreaterThan(1);
  const isMended = (url) =>
    caches.match(url).then((copy) => copy.arrayBuffer()).then((bytes) => new Uint8Array(bytes).some((byte) => byte !== 0));
  await expect.poll(() => page.evaluate(isMended, weights)).toBe(true);
});

test('where there is no room the page works, and says so', async ({ page, host }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(host.url).origin, quotaSize: 1_000_000 });
  await page.goto(`${host.url}?device=cpu`);
  await signIs(page, 'refused');
  await expect(sign(page)).toHaveText(/gives no room/);
  expect(await kept(page)).toEqual([]);
  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
});

test('where there are no service workers the page works, and says so', async ({ page, host }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { value: undefined }));
  await page.goto(`${host.url}?device=cpu`);
  await signIs(page, 'unable');
  await expect(sign(page)).toHaveText(/needs a network/);
  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
});

test('a site that is no longer to be kept is forgotten', async ({ page, host, site }) => {
  // A browser on a busy machine takes its time to end the service worker that was.
  test.setTimeout(8 * 60_000);
  await keep(page, host);
  // As `cargo xtask serve` stamps it.
  const script = site.get('sw.js').toString().replace(/= \{\n[^]*?\n\};/, '= { "build": "", "needed": {}, "later": {} };');
  host.files = new Map(site).set('sw.js', Buffer.from(script));
  await page.reload();
  await expect.poll(() => kept(page), { timeout: 180_000 }).toEqual([]);
  const isRegistered = () => page.evaluate(() => navigator.serviceWorker.getRegistration().then(Boolean));
  await expect.poll(isRegistered, { timeout: 120_000 }).toBe(false);
});

test('no other script of the site becomes a service worker', async ({ page, host, complaints }) => {
  complaints.announce(/Content Security Policy|violates the following|TrustedScriptURL/);
  await keep(page, host);
  const { named } = await folders(page);
  const register = (script) => navigator.serviceWorker.register(script).then(() => 'it runs', ({ name }) => name);
  expect(await page.evaluate(register, `${host.url}${named}/engine.mjs`)).toBe('TypeError');
});

test('the page has the icons and the name of an application', async ({ page, host }) => {
  // The host must not be gone before the page has all that it wants of it.
  await keep(page, host);
  const session = await page.context().newCDPSession(page);
  const { data, errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data);
  expect(new URL(manifest.start_url, host.url).href).toBe(host.url);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});

// The page's way to the charts: they are fetched when the first one is drawn, so that they do not delay the page.

/**
 * @param {string} address The address of charts.mjs.
 * @param {HTMLElement} element
 */
export async function mount(address, element) {
  const charts = await import(new URL(address, document.baseURI).href);
  return charts.mount(element);
}

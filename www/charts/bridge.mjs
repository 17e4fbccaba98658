// The page's way to the charts: they are fetched when the first one is drawn, so that they do not delay the page.

/**
 * @param {string} address The address of charts.mjs.
 * @param {HTMLElement} element
 * @param {string | undefined} group Charts of one group have one cursor.
 * @param {((at: number) => void) | undefined} pick Is told where on the axis a visitor has clicked.
 */
export async function mount(address, element, group, pick) {
  const charts = await import(new URL(address, document.baseURI).href);
  return charts.mount(element, group, pick);
}

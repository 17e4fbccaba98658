// The page's way to the charts. Most of them are far below what a visitor sees first: they are fetched and drawn when the first one
// comes near the window, so that they delay nobody who does not see them.

/** How far from the window a chart is drawn, in heights of it: before one has scrolled there, it is there. */
const NEAR = '100% 0px';

/** The charts' module, once it is there. */
let loaded;

/** Waits until the element is near the window, or the page is about to be printed: on paper there is no far. */
function near(element) {
  return new Promise((resolve) => {
    addEventListener('beforeprint', resolve, { once: true });
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
  });
}

/**
 * @param {string} address The address of charts.mjs.
 * @param {HTMLElement} element
 * @param {string | undefined} group Charts of one group have one cursor.
 * @param {((at: number) => void) | undefined} pick Is told where on the axis a visitor has clicked.
 */
export async function mount(address, element, group, pick) {
  await near(element);
  // Not awaited again: what is drawn before the page is printed is drawn in one go.
  const charts = loaded ?? (await import(new URL(address, document.baseURI).href));
  loaded = charts;
  return charts.mount(element, group, pick);
}

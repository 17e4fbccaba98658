// Pictures of runs and charts.

/**
 * A picture in pixels of one in shapes that needs nothing else; twice as large, so that it stays sharp.
 *
 * @param {string} svg With its width and height.
 * @returns {Promise<Blob>} A PNG.
 */
export async function inPixels(svg, width, height) {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser makes no picture'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Puts the same into the clipboard. It is asked for at once and made afterwards: some browsers allow nothing later than the click.
 *
 * @param {string} svg With its width and height.
 */
export async function copyInPixels(svg, width, height) {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': inPixels(svg, width, height) })]);
}

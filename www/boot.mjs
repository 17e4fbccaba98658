// Starts the page. Its two files have names that change with their content; Trunk writes them into a <meta> element.

const { content: script, dataset } = document.querySelector('meta[name="tenshot-page"]');

try {
  const { default: init } = await import(new URL(script, document.baseURI));
  await init({ module_or_path: new URL(dataset.wasm, document.baseURI) });
} catch (error) {
  const message = document.getElementById('boot-error');
  message.append(document.createElement('br'), String(error));
  message.hidden = false;
  throw error;
}

// Before the first paint: the colours and the language that the visitor chose, so that nothing flashes, and where the page will begin.
// The page itself reads the same address and storage (src/page/settings.rs, src/page/browser.rs) and has the last word.
//
// And, for programs that look at a document once it is loaded (docs/door.md): with `?autorun=...&hold` it is not, until what is run has
// come to its end. A frame whose document is open keeps it from that; src/page/door/window.rs takes it away.

(() => {
  const query = new URLSearchParams(location.search);
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const theme = query.get('theme') ?? stored('tenshot-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const language = query.get('lang') ?? stored('tenshot-language') ?? navigator.language;
  if (language?.startsWith('zh')) document.documentElement.lang = 'zh-Hans';

  // A link that names more than that leads elsewhere than to the beginning of the story.
  const names = [...query.keys()];
  document.documentElement.dataset.shell = names.every((name) => name === 'lang' || name === 'theme') ? 'story' : 'lab';
  // Within another page what is read until the page is here would be more than all of it.
  if (query.has('embed')) document.documentElement.dataset.embed = '';

  if (query.has('autorun') && query.has('hold')) {
    const frame = document.createElement('iframe');
    frame.id = 'tenshot-hold';
    frame.hidden = true;
    document.documentElement.append(frame);
    frame.contentDocument.open();
  }
})();

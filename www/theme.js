// Before the first paint: the colours and the language that the visitor chose, so that nothing flashes. The page itself reads
// the same address and storage (src/page/settings.rs, src/page/browser.rs) and has the last word.

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
})();

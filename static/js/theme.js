// A classic script in the head, so that from the first paint the page is as this phone wants it. Switches: phone.js.
try {
  for (const key of ['theme', 'size', 'hand', 'buzz']) {
    const kept = localStorage.getItem(`timesink-${key}`);
    if (kept) document.documentElement.dataset[key] = kept;
  }
} catch { /* a browser that stores nothing: the phone's own choice of light or dark holds */ }

// A classic script in the head, so that a dim room is dim from the first paint. The switch is in phone.js.
try {
  const theme = localStorage.getItem('timesink-theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* a browser that stores nothing: the phone's own choice of light or dark holds */ }

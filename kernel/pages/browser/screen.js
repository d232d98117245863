// Refines a page that shows persons. Without scripts the browser leaves it by itself after the same time (noscript, layout.ts);
// here only idle time counts, and what is copied is nothing. Nothing of the page is kept.
(() => {
  const { blankAfter, blankHref } = document.body.dataset;
  const isTyped = (target) => target instanceof Element && target.closest('input, textarea') !== null;
  for (const act of ['copy', 'cut', 'dragstart']) {
    document.addEventListener(act, (event) => {
      if (!isTyped(event.target)) event.preventDefault();
    });
  }
  // A page that the browser kept alive behind another one is asked for again.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  if (!blankAfter || !blankHref) return;
  const after = Number(blankAfter) * 1000;
  let touched = performance.now();
  const leave = () => location.replace(blankHref);
  const look = () => {
    const idle = performance.now() - touched;
    if (idle >= after) leave();
    else setTimeout(look, after - idle + 50);
  };
  for (const act of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'scroll', 'touchstart'])
    addEventListener(act, () => { touched = performance.now(); }, { passive: true, capture: true });
  // After the machine slept, timers are late: look at once.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && performance.now() - touched >= after) leave();
  });
  setTimeout(look, after + 50);
})();

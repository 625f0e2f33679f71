// @ts-check
// Server-sent events say which region is stale. A page that is not looked at
// holds no stream, because a browser has only a few connections to a server.

const REGIONS = ['cases', 'sources', 'deliveries', 'alarms', 'posts', 'halts', 'stats', 'rules', 'scans', 'training', 'incidents', 'hits', 'notices', 'deadlines'];
const LEAST = 400; // ms between two refreshes
const BACKSTOP = 60_000; // ms after which a page refreshes without being told

/**
 * Calls refresh whenever one of the regions is stale, never twice at once.
 * @param {string[]} regions
 * @param {() => Promise<void>} refresh
 */
export function watch(regions, refresh) {
  let running = false;
  let again = false;
  let last = 0;

  async function run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const wait = last + LEAST - Date.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    last = Date.now();
    try {
      await refresh();
    } catch {
      // The next event or the backstop tries again; the page stays as it was.
    }
    running = false;
    if (again) {
      again = false;
      run();
    }
  }

  /** @type {EventSource | null} */
  let source = null;
  function open() {
    source = new EventSource('/live');
    source.addEventListener('stale', (e) => {
      const region = /** @type {MessageEvent} */ (e).data;
      if (regions.includes(region) || !REGIONS.includes(region)) run();
    });
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(() => { if (!source && !document.hidden) open(); }, 10_000);
      }
    };
    // Something may have changed after the page was made and before anybody
    // listened, or while the stream was broken.
    source.onopen = run;
  }
  function close() {
    source?.close();
    source = null;
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      close();
    } else if (!source) {
      open();
      run();
    }
  });
  addEventListener('pagehide', close);
  if (!document.hidden) open();
  setInterval(() => { if (!document.hidden) run(); }, BACKSTOP);
}

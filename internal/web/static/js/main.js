// @ts-check
// Entry of all pages. Everything here only makes quicker what the plain forms
// and links do anyway.
import { alarms } from './alarms.js';
import { casePage } from './case.js';
import { deadlines } from './deadlines.js';
import { load, swap } from './http.js';
import { inbox } from './inbox.js';
import { keys } from './keys.js';
import { watch } from './live.js';
import { menus } from './menus.js';
import { plan } from './plan.js';
import { postPage } from './post.js';
import { refreshRail } from './rail.js';
import { search } from './search.js';
import { suggest } from './suggest.js';
import { rules } from './rules.js';
import { theme } from './theme.js';
import { unlikely } from './unlikely.js';

theme();
menus();
suggest();
if ('signed' in document.body.dataset) alarms();
const page = document.body.dataset.page;
if (page === 'deadlines') deadlines();
if (page === 'inbox') {
  inbox();
} else if (page === 'case') {
  casePage();
} else if (page === 'unlikely') {
  unlikely();
} else if (page === 'plan') {
  plan();
} else if (page === 'post') {
  postPage();
} else if (page === 'rules') {
  rules();
} else if (page === 'search') {
  search();
} else if ('signed' in document.body.dataset) {
  const region = document.getElementById('live-main')?.dataset.live;
  keys({});
  watch(['cases', 'deliveries', 'sources', 'alarms', 'posts', 'halts', 'stats', 'training', 'rules', 'incidents', 'notices'], async () => {
    await refreshRail();
    if (region) swap(await load(location.pathname + location.search), ['live-main', 'live-mark', 'learn-acts']);
  });
}

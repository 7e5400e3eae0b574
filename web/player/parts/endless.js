// A list that goes on: pages of a connection, the next fetched when its end comes near, or by a button.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { t } from '../language/language.js';
import { notice } from './notice.js';

// Lists of pages that were left, by their place in the browser's history: who goes back finds as much as was there.
const left = new Map();
const LEFT_MOST = 20;

// `fetchPage(after)` answers a connection ({ edges, pageInfo, totalCount }). `items` is a signal with what there is so far,
// of each edge what `pick` makes of it. With `back` (as `load` is told) a list that was left is taken up again.
export async function endless(fetchPage, { back = false, name = '', pick = ({ node }) => node } = {}) {
  const items = signal([]), more = signal(false), busy = signal(false), stuck = signal(false), total = signal(null);
  const key = `${history.state?.key}:${name}`;
  let after = null;
  const load = async () => {
    busy.value = true;
    stuck.value = true;
    try {
      const { edges, pageInfo, totalCount = null } = await fetchPage(after);
      after = pageInfo.endCursor;
      items.value = [...items.value, ...edges.map(pick)];
      more.value = pageInfo.hasNextPage;
      total.value = totalCount;
      stuck.value = false;
      left.delete(key);
      left.set(key, { items, more, total, after });
      if (left.size > LEFT_MOST) left.delete(left.keys().next().value);
    } finally { busy.value = false; }
  };
  const was = back && left.get(key);
  if (was) {
    after = was.after;
    items.value = was.items.value; more.value = was.more.value; total.value = was.total.value;
  } else await load();
  return { items, more, busy, stuck, total, load };
}

const watching = new WeakMap();

// What stands below such a list while there is more.
export function moreOf(list) {
  if (!list.more.value) return nothing;
  const load = () => { if (!list.busy.value) list.load().catch((error) => notice(error.message)); };
  const watch = (button) => {
    if (!button) return;
    // Looked at anew each time: a button that never left the window tells nothing by itself.
    watching.get(button)?.disconnect();
    // What did not come is asked for again by hand alone.
    if (list.stuck?.value) return;
    const eye = new IntersectionObserver(([seen]) => { if (seen.isIntersecting) load(); }, { rootMargin: '600px' });
    watching.set(button, eye);
    eye.observe(button);
  };
  return html`<p class="more"><button class="button" ?disabled=${list.busy.value} @click=${load} ${ref(watch)}>${t('frame.more')}</button></p>`;
}

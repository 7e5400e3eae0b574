// What lies where on the disk, how the cache of encoded sound does, and emptying it.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { confirm } from './dialog.js';
import { bytes, count, figures, percent } from './shown.js';
import { table } from './table.js';

export async function storage(page) {
  const { adminStorage: now } = await ask(`{ adminStorage { folders { name bytes files isWhole } diskFreeBytes diskTotalBytes databaseBytes searchIndexBytes
    cacheUsedBytes cacheLimitBytes cacheHits cacheMisses cacheEvictions cacheHitRate measuredAt } }`);
  const used = 1 - now.diskFreeBytes / now.diskTotalBytes;
  const bar = (label, value, max) => el('p', {}, el('span', {}, label), el('progress', { value, max: max || 1, 'aria-label': label }));
  page.replaceChildren(el('h1', {}, 'Storage and cache'),
    figures([['Database', bytes(now.databaseBytes)], ['Search index', bytes(now.searchIndexBytes)], ['Free on the disk', bytes(now.diskFreeBytes)], ['Disk', bytes(now.diskTotalBytes)]]),
    bar(`The disk is ${percent(used)} full`, used, 1),
    el('h2', {}, 'Encoded sound'),
    bar(`${bytes(now.cacheUsedBytes)} of ${bytes(now.cacheLimitBytes)} used`, now.cacheUsedBytes, now.cacheLimitBytes),
    figures([['Found when wanted', percent(now.cacheHitRate)], ['Hits', count(now.cacheHits)], ['Misses', count(now.cacheMisses)], ['Thrown out', count(now.cacheEvictions)]]),
    el('p', { class: 'soft' }, 'Since this process started.'),
    el('button', { class: 'danger', disabled: !now.cacheUsedBytes, onclick: () => purge(() => storage(page)) }, 'Empty the cache'),
    el('h2', {}, 'Folders'),
    table('Folders', [{ name: 'Folder', value: (f) => f.name }, { name: 'Size', kind: 'number', value: (f) => f.bytes, show: (f) => `${f.isWhole ? '' : 'over '}${bytes(f.bytes)}` },
      { name: 'Files', kind: 'number', value: (f) => f.files, show: (f) => count(f.files) }], now.folders));
}

async function purge(again) {
  const done = await confirm({ title: 'Empty the cache of encoded sound?', text: 'Everything is encoded again when it is wanted: the processors have more to do for a while. What plays just now stays.', button: 'Empty it',
    act: () => ask('mutation { purgeAudioCache { freedBytes } }') });
  if (done) { notice(`${bytes(done.purgeAudioCache.freedBytes)} are free.`); await again(); }
}

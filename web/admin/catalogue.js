// The catalogue: how much there is, and taking things out of sight or bringing them back.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { choice, confirm, field } from './dialog.js';
import { badge, count, figures, time } from './shown.js';
import { paged } from './table.js';

const NEED = 'pageInfo { hasNextPage endCursor } totalCount';
const KINDS = {
  SONG: ['songs', 'CatalogueOrder', 'TITLE', `id name: title by: artistCredit isHidden playCount createdAt`],
  ALBUM: ['albums', 'CatalogueOrder', 'TITLE', `id name: title by: artistCredit isHidden playCount createdAt`],
  ARTIST: ['artists', 'ArtistOrder', 'NAME', `id name isHidden songCount createdAt`],
};

export async function catalogue(page) {
  const { adminHoldings: has } = await ask('{ adminHoldings { songs hiddenSongs albums hiddenAlbums artists hiddenArtists playlists } }');
  const kind = choice('kind', [['SONG', 'Songs'], ['ALBUM', 'Albums'], ['ARTIST', 'Artists']]), box = el('div');
  const show = async () => {
    const list = listing(kind.value);
    await list.ready;
    box.replaceChildren(list);
  };
  kind.onchange = show;
  page.replaceChildren(el('h1', {}, 'Catalogue'),
    figures([['Songs', count(has.songs)], ['hidden', count(has.hiddenSongs)], ['Albums', count(has.albums)], ['hidden', count(has.hiddenAlbums)],
      ['Artists', count(has.artists)], ['hidden', count(has.hiddenArtists)], ['Playlists', count(has.playlists)]]),
    el('h2', {}, 'What there is'), el('div', { class: 'tools' }, field('Show', kind)), box);
  await show();
}

function listing(kind) {
  const [root, type, byName, fields] = KINDS[kind];
  const query = `query($first: Int, $after: String, $sort: ${type}!) { page: ${root}(first: $first, after: $after, orderBy: $sort) { edges { node { ${fields} } } ${NEED} } }`;
  const list = paged(root[0].toUpperCase() + root.slice(1), [
    { name: 'Name', order: byName, kind: 'wide', value: (row) => row.name }, ...(kind === 'ARTIST' ? [] : [{ name: 'By', value: (row) => row.by }]),
    kind === 'ARTIST' ? { name: 'Songs', kind: 'number', value: (row) => row.songCount, show: (row) => count(row.songCount) }
      : { name: 'Plays', order: 'MOST_PLAYED', kind: 'number', value: (row) => row.playCount, show: (row) => count(row.playCount) },
    { name: 'Added', kind: 'when', value: (row) => row.createdAt, show: (row) => time(row.createdAt) },
    { name: 'State', value: (row) => (row.isHidden ? 'hidden' : 'shown'), show: (row) => badge(row.isHidden ? 'Hidden' : 'Shown', row.isHidden ? 'bad' : 'good') },
    { name: 'Change', hidden: true, show: (row) => el('button', { class: row.isHidden ? 'quiet' : 'danger', 'aria-label': `${row.isHidden ? 'Restore' : 'Hide'} ${row.name}`,
      onclick: () => change(kind, row, () => list.again(false)) }, row.isHidden ? 'Restore' : 'Hide') },
  ], async (part) => (await ask(query, part)).page, { order: byName, empty: 'The catalogue is empty: import a folder of music first.' });
  return list;
}

async function change(kind, row, again) {
  const hidden = !row.isHidden;
  const done = await confirm({ title: `${hidden ? 'Hide' : 'Restore'} “${row.name}”?`, danger: hidden, button: hidden ? 'Hide' : 'Restore',
    text: hidden ? 'Nobody but its owner and the staff will find or play it. What belongs to it is hidden with it.' : 'Everybody finds it again, unless it belongs to something hidden.',
    act: () => ask('mutation($kind: CatalogueKind!, $id: ID!, $hidden: Boolean!) { setHidden(kind: $kind, id: $id, hidden: $hidden) { isHidden } }', { kind, id: row.id, hidden }) });
  if (done) { notice(done.setHidden.isHidden ? 'It is out of sight.' : 'It is to be seen.'); await again(); }
}

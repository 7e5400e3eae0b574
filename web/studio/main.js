// The studio: an artist's own catalogue, uploads and figures.
import { ask } from '../player/session/api.js';
import { el, notice } from '../page/element.js';
import { chart } from '../admin/chart.js';
import { choice, confirm, field } from '../admin/dialog.js';
import { frame } from '../admin/frame.js';
import { dates } from '../admin/range.js';
import { claims } from './claims.js';
import { badge, bytes, count, figures, nothing, percent, time, words } from '../admin/shown.js';
import { paged, table } from '../admin/table.js';

const state = (row) => badge(row.isHidden ? 'Hidden' : 'Shown', row.isHidden ? 'bad' : 'good');
const mine = async () => (await ask('{ myArtists { id name slug isHidden isVerified: verified monthlyListeners songCount albumCount } }')).myArtists;
let chosen = null, range = null;

// Which of one's artists a page is about.
async function about(page, title, fill) {
  const artists = await mine(), box = el('div');
  if (!artists.length) { page.replaceChildren(el('h1', {}, title), nothing('No artist is yours yet.'), el('p', {}, el('a', { class: 'primary', href: '#/claims' }, 'Claim an artist'))); return; }
  chosen = artists.find((artist) => artist.id === chosen?.id) ?? artists[0];
  const pick = choice('artist', artists.map((artist) => [artist.id, artist.name]), chosen.id);
  pick.onchange = async () => { chosen = artists.find((artist) => artist.id === pick.value); await fill(box, chosen); };
  page.replaceChildren(el('h1', {}, title), artists.length > 1 ? el('div', { class: 'tools' }, field('Artist', pick)) : '', box);
  await fill(box, chosen);
}

const toggle = (kind, row, again) => el('button', { class: row.isHidden ? 'quiet' : 'danger', 'aria-label': `${row.isHidden ? 'Show' : 'Hide'} ${row.title}`, onclick: async () => {
  const hidden = !row.isHidden;
  const done = await confirm({ title: `${hidden ? 'Hide' : 'Show'} “${row.title}”?`, danger: hidden, button: hidden ? 'Hide' : 'Show', text: hidden ? 'Nobody but you and the staff will find or play it.' : 'Everybody finds it again.',
    act: () => ask('mutation($kind: CatalogueKind!, $id: ID!, $hidden: Boolean!) { setHidden(kind: $kind, id: $id, hidden: $hidden) { isHidden } }', { kind, id: row.id, hidden }) });
  if (done) { notice(done.setHidden.isHidden ? 'It is out of sight.' : 'It is to be seen.'); await again(); }
} }, row.isHidden ? 'Show' : 'Hide');

const rename = (kind, row, again) => el('button', { class: 'quiet', 'aria-label': `Rename ${row.title}`, onclick: async () => {
  const [mutation, id] = kind === 'SONG' ? ['updateSong', 'songId'] : ['updateAlbum', 'albumId'];
  const done = await confirm({ title: `Rename “${row.title}”`, danger: false, button: 'Rename', fields: [field('Title', el('input', { name: 'title', value: row.title, required: true, maxlength: 200 }))],
    act: (form) => ask(`mutation($id: ID!, $title: String!) { ${mutation}(${id}: $id, title: $title) { __typename } }`, { id: row.id, title: form.get('title') }) });
  if (done) { notice('It is renamed.'); await again(); }
} }, 'Rename');

const ROWS = 'pageInfo { hasNextPage endCursor } totalCount';
function works(kind, name, artist) {
  const root = kind === 'SONG' ? 'songs' : 'albums';
  const query = `query($first: Int, $after: String, $sort: CatalogueOrder!, $artist: ID!) { page: ${root}(first: $first, after: $after, orderBy: $sort, filters: { artistId: $artist }) {
    edges { node { id title slug isHidden playCount createdAt ${kind === 'SONG' ? 'album { title }' : 'releaseDate'} } } ${ROWS} } }`;
  const again = () => list.again(false);
  const list = paged(name, [
    { name: 'Title', order: 'TITLE', kind: 'wide', value: (row) => row.title, show: (row) => (kind === 'ALBUM' ? el('a', { href: `/album/${row.slug}` }, row.title) : row.title) },
    kind === 'SONG' ? { name: 'Album', value: (row) => row.album?.title ?? '' } : { name: 'Released', value: (row) => row.releaseDate },
    { name: 'Plays', order: 'MOST_PLAYED', kind: 'number', value: (row) => row.playCount, show: (row) => count(row.playCount) },
    { name: 'Added', order: 'RECENTLY_ADDED', kind: 'when', value: (row) => row.createdAt, show: (row) => time(row.createdAt) },
    { name: 'State', value: (row) => (row.isHidden ? 'hidden' : 'shown'), show: state },
    { name: 'Change', hidden: true, show: (row) => el('span', { class: 'buttons-row' }, rename(kind, row, again), toggle(kind, row, again)) },
  ], async (part) => (await ask(query, { ...part, artist: artist.id })).page, { order: 'RECENTLY_ADDED', empty: 'Nothing yet.' });
  return list;
}

const catalogue = (page) => about(page, 'Your catalogue', async (box, artist) => {
  const songs = works('SONG', 'Songs', artist), albums = works('ALBUM', 'Albums', artist);
  await Promise.all([songs.ready, albums.ready]);
  box.replaceChildren(figures([['Artist', artist.name, true], ['State', artist.isHidden ? 'Hidden' : 'Shown', true], ['Verified', artist.isVerified ? 'Yes' : 'No', true], ['Songs', count(artist.songCount)], ['Listeners in 30 days', count(artist.monthlyListeners)]]),
    el('h2', {}, 'Songs'), songs, el('h2', {}, 'Albums'), albums);
});

async function uploads(page) {
  let rows;
  try { rows = (await ask('{ myUploads { id fileName size received state createdAt expiresAt songId } }')).myUploads; } catch (error) {
    if (error.code !== 'DENIED') throw error;
    page.replaceChildren(el('h1', {}, 'Uploads'), nothing('Sending in music is for artists.'), el('p', {}, el('a', { class: 'primary', href: '#/claims' }, 'Claim an artist')));
    return;
  }
  page.replaceChildren(el('h1', {}, 'Uploads'), table('Uploads', [
    { name: 'File', kind: 'wide', value: (row) => row.fileName }, { name: 'Size', kind: 'number', value: (row) => row.size, show: (row) => bytes(row.size) },
    { name: 'State', value: (row) => words(row.state), show: (row) => (row.state === 'OPEN' ? [words(row.state), el('progress', { max: row.size, value: row.received, 'aria-label': `${row.fileName}: ${bytes(row.received)} of ${bytes(row.size)}` })] : words(row.state)) },
    { name: 'Announced', kind: 'when', value: (row) => row.createdAt, show: (row) => time(row.createdAt) }, { name: 'Forgotten', kind: 'when', value: (row) => row.expiresAt, show: (row) => (row.songId ? '–' : time(row.expiresAt)) },
  ], rows, { empty: 'You have sent nothing in lately.' }));
}

const LISTENING = 'plays hours listeners skipRate completionRate';
const FIGURES = `query($id: ID!, $from: Date, $to: Date) { artistAnalytics(artistId: $id, from: $from, to: $to) { from to isWithheld listening { ${LISTENING} } listeningBefore { plays listeners }
  days { day plays listeners hours } sources { source plays share skipRate } newLikes newSaves newFollowers topSongs(limit: 50) { id name plays listenerDays skipRate } playlists(limit: 20) { playlist { name } plays } } }`;

const numbers = (page) => about(page, 'Figures', async (box, artist) => {
  const told = el('div');
  const draw = async () => {
    told.setAttribute('aria-busy', 'true');
    try {
      const { artistAnalytics: answer } = await ask(FIGURES, { id: artist.id, from: range?.from, to: range?.to });
      if (!range) { range = { from: answer.from, to: answer.to }; days.tell(answer); }
      told.replaceChildren(...shown(answer));
    } catch (error) {
      told.replaceChildren(el('div', { class: 'failed-box', role: 'alert' }, el('p', {}, error.message), el('button', { class: 'quiet', onclick: draw }, 'Try again')));
    }
    told.removeAttribute('aria-busy');
  };
  const days = dates(range, () => { range = { from: days.from(), to: days.to() }; draw(); });
  box.replaceChildren(days.box, told);
  await draw();
});

function shown(told) {
  if (told.isWithheld) return [nothing('Fewer than five people listened in these days: so few are not told of.')];
  const few = (value) => (value == null ? 'under 5' : count(value)), now = told.listening;
  const number = (name, key, show = count) => ({ name, kind: 'number', value: (row) => row[key], show: (row) => (row[key] == null ? '–' : show(row[key])) });
  return [figures([['Plays', count(now.plays)], ['Listeners', count(now.listeners)], ['Hours', count(Math.round(now.hours * 10) / 10)], ['Skipped', percent(now.skipRate)], ['Heard to the end', percent(now.completionRate)],
    ['New likes', few(told.newLikes)], ['Albums saved', few(told.newSaves)], ['New followers', few(told.newFollowers)]]),
  chart('Plays', told.days, [['plays', 'Plays'], ['listeners', 'Listeners']], { show: count }),
  el('h2', {}, 'Songs'), table('Most played', [{ name: 'Song', kind: 'wide', value: (row) => row.name ?? row.id }, number('Plays', 'plays'), number('Listeners of each day', 'listenerDays'), number('Skipped', 'skipRate', percent)], told.topSongs, { empty: 'No song had five listeners.' }),
  el('h2', {}, 'Where from'), table('Sources', [{ name: 'Source', value: (row) => words(row.source.toUpperCase()) }, number('Plays', 'plays'), number('Share', 'share', percent)], told.sources, { empty: 'Nothing was played.' }),
  el('h2', {}, 'Playlists'), table('Playlists', [{ name: 'Playlist', kind: 'wide', value: (row) => row.playlist?.name ?? 'private' }, number('Plays', 'plays')], told.playlists, { empty: 'No public playlist brought five listeners.' })];
}

const ROUTES = [['#/', catalogue, '#/', 'Catalogue'], ['#/uploads', uploads, '#/uploads', 'Uploads'], ['#/figures', numbers, '#/figures', 'Figures'], ['#/claims', claims, '#/claims', 'Claims']];
frame({ title: 'Studio', allowed: async () => ROUTES, refused: '' });

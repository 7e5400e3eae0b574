// One artist: most played songs, the releases by their kind, who they are, who is like them.
import { html, nothing } from 'lit-html';
import { signal } from '@preact/signals-core';
import { t } from '../language/language.js';
import { bondButton, boundCount } from '../parts/bond.js';
import { ALBUM, ARTIST, albumCard, artistCard } from '../parts/card.js';
import { empty } from '../parts/empty.js';
import { hero } from '../parts/hero.js';
import { icon } from '../parts/icon.js';
import { later } from '../parts/later.js';
import { menu } from '../parts/menu.js';
import { report } from '../parts/report.js';
import { share, shareButton } from '../parts/share.js';
import { shuffleButton } from '../parts/shuffle_button.js';
import { shelf } from '../parts/shelf.js';
import { ROW, songRows } from '../parts/song_rows.js';
import { pills } from '../parts/tabs.js';
import { watched } from '../parts/watched.js';
import { playContext } from '../playing/player.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { about } from './catalogue/about_artist.js';

const SHOWN = `query($slug: String!) { artist(slug: $slug) { ${ARTIST} bio country monthlyListeners followersCount isFollowed albumCount songCount
  genres { name slug } members { id name role image joinDate leaveDate } socialLinks { website spotify instagram twitter }
  topSongs(limit: 20) { ${ROW} } albums { ${ALBUM} } } }`;
const SIMILAR = `query($id: ID!) { similarArtists(artistId: $id, limit: 16) { ${ARTIST} } }`;
const KINDS = ['ALBUM', 'EP', 'SINGLE', 'COMPILATION'];
const FEW = 5;

const shared = (artist) => ({ kind: 'artist', id: artist.id, title: artist.name, address: `/artist/${artist.slug}` });

const acts = (artist) => [
  artist.topSongs.length ? html`<button class="button main" @click=${() => playContext('ARTIST', artist.id)}>${icon('play')}${t('frame.play')}</button>${shuffleButton('ARTIST', artist)}` : nothing,
  bondButton('artist', artist),
  html`<a class="button" href="/radio/artist:${artist.id}">${icon('radio')}${t('catalogue.radio')}</a>`,
  shareButton(shared(artist)),
  person.value ? menu({ id: `artist-${artist.id}`, label: t('frame.more-of', { name: artist.name }), items: () => [
    [t('frame.share'), 'share', () => share(shared(artist))],
    [t('frame.report'), 'flag', () => report({ kind: 'ARTIST', id: artist.id, name: artist.name })],
    artist.profileImage ? [t('catalogue.report-picture'), 'flag', () => report({ kind: 'ARTIST_PICTURE', id: artist.id, name: artist.name })] : null,
  ] }) : nothing,
];

// The name, with the mark of those whom the house knows.
const named = (artist) => html`${artist.name}${artist.verified ? html` <span class="badge" role="img" aria-label=${t('catalogue.verified')} title=${t('catalogue.verified')}>${icon('badge')}</span>` : nothing}`;

function releases(artist, chosen) {
  const there = KINDS.filter((kind) => artist.albums.some(({ albumType }) => albumType === kind));
  if (!there.length) return nothing;
  const shown = artist.albums.filter(({ albumType }) => chosen.value === 'ALL' || albumType === chosen.value);
  return html`<section class="shelf" aria-labelledby="releases"><div class="shelf-head"><h2 id="releases">${t('catalogue.releases')}</h2></div>
    ${there.length > 1 ? pills(t('catalogue.kinds'), [['ALL', t('catalogue.all')], ...there.map((kind) => [kind, t(`catalogue.${kind}-many`)])], chosen.value,
    (kind) => { chosen.value = kind; }) : nothing}
    <div class="grid">${shown.map(albumCard)}</div></section>`;
}

export const page = {
  areas: ['catalogue'],
  skeleton: 'hero',
  load: async ({ params, abort }) => {
    const { artist } = await ask(SHOWN, { slug: params.slug }, { abort });
    return artist && { artist, kind: signal('ALL'), all: signal(false), similar: later(async () => (await ask(SIMILAR, { id: artist.id }, { abort })).similarArtists) };
  },
  title: ({ artist }) => artist.name,
  view: ({ artist, kind, all, similar }) => html`${hero({
    noun: t('catalogue.artist'), title: named(artist), picture: artist.profileImage ?? artist.albums.find(({ coverImage }) => coverImage)?.coverImage, round: true, alt: t('catalogue.portrait-of', { name: artist.name }),
    facts: [artist.monthlyListeners ? t('catalogue.monthly', { n: artist.monthlyListeners }) : null,
      boundCount('artist', artist, artist.followersCount) ? t('catalogue.followers', { n: boundCount('artist', artist, artist.followersCount) }) : null,
      ...artist.genres.map((genre) => html`<a href="/genre/${genre.slug}">${genre.name}</a>`)],
    acts: acts(artist),
  })}
  ${artist.topSongs.length ? html`<section aria-labelledby="top"><h2 id="top">${t('catalogue.top-songs')}</h2>
      ${songRows(all.value ? artist.topSongs : artist.topSongs.slice(0, FEW), { context: { kind: 'ARTIST', id: artist.id }, album: true })}
      ${artist.topSongs.length > FEW ? html`<p><button class="link" aria-expanded=${all.value} @click=${() => { all.value = !all.value; }}>${t(all.value ? 'catalogue.fewer' : 'frame.more')}</button></p>` : nothing}
    </section>` : empty({ sign: 'note', title: t('catalogue.no-songs'), words: t('catalogue.no-songs-why'), way: ['/artists', t('catalogue.artists')] })}
  ${watched(() => releases(artist, kind))}
  ${about(artist)}
  ${watched(() => (similar.value ? shelf({ id: 'similar', title: t('catalogue.similar-artists'), cards: similar.value.map(artistCard) }) : nothing))}`,
};

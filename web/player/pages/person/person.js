// Somebody: who they are, what they listen to now, their playlists and artists, and what can be between you.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, t } from '../../language/language.js';
import { bondButton, boundCount } from '../../parts/bond.js';
import { ARTIST, PLAYLIST, artistCard, card } from '../../parts/card.js';
import { confirmed } from '../../parts/dialog.js';
import { empty } from '../../parts/empty.js';
import { hero } from '../../parts/hero.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { notice } from '../../parts/notice.js';
import { report } from '../../parts/report.js';
import { share, shareButton } from '../../parts/share.js';
import { shelf } from '../../parts/shelf.js';
import { watched } from '../../parts/watched.js';
import { ask, listen } from '../../session/api.js';
import { person } from '../../session/session.js';
import { go } from '../../frame/router.js';
import { countryName } from '../catalogue/about_artist.js';

const SHOWN = `query($name: String!) { user(username: $name) { id username firstName lastName bio profileImage country isArtist isVerified createdAt
  followerCount followedUsersCount followedArtistsCount isFollowed isMuted publicPlaylists(limit: 60) { ${PLAYLIST} } followedArtists(limit: 24) { ${ARTIST} } } }`;
const NOW = 'subscription($id: ID!) { presence(userId: $id) { status song { slug title artistCredit artist { slug } coverImage } } }';

async function toggleMute(user, muted) {
  try {
    await ask(`mutation($id: ID!) { ${muted.value ? 'unmuteUser' : 'muteUser'}(userId: $id) { success } }`, { id: user.id });
    muted.value = !muted.value;
    notice(t(muted.value ? 'person.muted' : 'person.unmuted', { name: user.username }));
  } catch (error) { notice(error.message); }
}

async function block(user) {
  if (!await confirmed({ title: t('person.block-title', { name: user.username }), words: t('person.block-why'), act: t('person.block') })) return;
  try {
    await ask('mutation($id: ID!) { blockUser(userId: $id) { success } }', { id: user.id });
    notice(t('person.blocked', { name: user.username }));
    go('/');
  } catch (error) { notice(error.message); }
}

const shared = (user) => ({ title: user.username, address: `/user/${encodeURIComponent(user.username)}` });

const acts = (user, muted) => (person.value?.id === user.id ? [html`<a class="button" href="/settings">${icon('pencil')}${t('person.edit')}</a>`, shareButton(shared(user))]
  : [bondButton('user', user), shareButton(shared(user)), person.value ? menu({ id: `user-${user.id}`, label: t('frame.more-of', { name: user.username }), items: () => [
    [t('frame.share'), 'share', () => share(shared(user))],
    [t(muted.value ? 'person.unmute' : 'person.mute'), 'volume', () => toggleMute(user, muted)],
    [t('person.block'), 'block', () => block(user)],
    [t('frame.report'), 'flag', () => report({ kind: 'USER', id: user.id, name: user.username })],
  ] }) : nothing]);

const hears = (now) => (now?.song ? html`<p class="hears">${icon('note')}<span>${t('person.listening')} <a href="/song/${now.song.slug}"><strong>${now.song.title}</strong></a> · ${now.song.artistCredit}</span></p>`
  : now?.status === 'ONLINE' ? html`<p class="facts">${t('person.here')}</p>` : nothing);

export const page = {
  areas: ['catalogue', 'person'],
  skeleton: 'hero',
  load: async ({ params, abort, onLeave }) => {
    const { user } = await ask(SHOWN, params, { abort });
    if (!user) return null;
    const now = signal(null);
    if (person.value) onLeave(listen(NOW, { id: user.id }, ({ presence }) => { now.value = presence; }));
    return { user, now, muted: signal(user.isMuted) };
  },
  title: ({ user }) => user.username,
  view: ({ user, now, muted }) => {
    const name = encodeURIComponent(user.username), full = [user.firstName, user.lastName].filter(Boolean).join(' ');
    return html`${hero({
      noun: t('person.person'), title: html`${user.username}${user.isVerified ? html` <span class="badge" role="img" aria-label=${t('catalogue.verified')}>${icon('badge')}</span>` : nothing}`,
      picture: user.profileImage, round: true, alt: t('person.picture-of', { name: user.username }), byline: full || null, words: user.bio || null,
      facts: [html`<a href="/user/${name}/followers">${t('catalogue.followers', { n: boundCount('user', user, user.followerCount) })}</a>`,
        html`<a href="/user/${name}/following">${t('person.follows', { n: user.followedUsersCount })}</a>`,
        user.country ? countryName(user.country) : null, t('person.since', { day: day(user.createdAt) })],
      acts: acts(user, muted),
    })}
    <div role="status">${watched(() => hears(now.value))}</div>
    ${shelf({ id: 'playlists', title: t('person.playlists'), cards: user.publicPlaylists.map((playlist) => card({ address: `/playlist/${playlist.slug}`, picture: playlist.coverImage, title: playlist.name,
    words: t('frame.songs', { n: playlist.songCount }), context: ['PLAYLIST', playlist.id] })) })}
    ${shelf({ id: 'artists', title: t('person.artists'), cards: user.followedArtists.map(artistCard) })}
    ${user.publicPlaylists.length || user.followedArtists.length ? nothing : empty({ sign: 'person', title: t('person.nothing'), words: t('person.nothing-why') })}`;
  },
};

// The links one made to share things, and taking them back.
import { html, nothing } from 'lit-html';
import { day, t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { copy } from '../../parts/share.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const LINKS = `query($after: String) { myShareLinks(first: 50, after: $after) { edges { node { token url createdAt expiresAt isOver isRevoked thing { __typename
  ... on Song { slug title } ... on Album { slug title } ... on Artist { slug title: name } ... on Playlist { slug title: name } } } } pageInfo { hasNextPage endCursor } totalCount } }`;

async function revoke(links, link) {
  try {
    await ask('mutation($token: ID!) { revokeShareLink(token: $token) { success } }', { token: link.token });
    links.items.value = links.items.value.map((one) => (one.token === link.token ? { ...one, isOver: true, isRevoked: true } : one));
    notice(t('library.link-revoked'));
  } catch (error) { notice(error.message); }
}

const state = (link) => t(link.isRevoked ? 'library.link-ended' : link.isOver ? 'library.link-over' : 'library.link-until', { day: day(link.expiresAt) });

const row = (links, link) => html`<li class="plain-row"><span><strong>${link.thing ? html`<a href="/${link.thing.__typename.toLowerCase()}/${link.thing.slug}">${link.thing.title}</a>` : t('library.gone')}</strong>
  <span class="facts small">${state(link)}</span></span>
  ${link.isOver ? nothing : html`<button class="button small" @click=${() => copy(new URL(link.url, location.origin).href)}>${icon('copy')}${t('catalogue.copy')}</button>
    <button class="button small danger" @click=${() => revoke(links, link)}>${t('library.link-revoke')}</button>`}</li>`;

export const page = {
  areas: ['library', 'catalogue'],
  needs: 'listener',
  skeleton: 'text',
  load: ({ abort, back }) => endless(async (after) => (await ask(LINKS, { after }, { abort })).myShareLinks, { back }),
  title: () => t('library.links'),
  view: (links) => html`${heading('/library/links')}<p class="facts">${t('library.links-why')}</p>
    ${watched(() => (links.items.value.length ? html`<ul class="plain-rows">${links.items.value.map((link) => row(links, link))}</ul>${moreOf(links)}`
    : empty({ sign: 'link', title: t('library.no-links'), words: t('library.no-links-why'), way: ['/', t('frame.to-home')] })))}`,
};

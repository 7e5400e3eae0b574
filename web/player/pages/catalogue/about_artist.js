// Who an artist is: their own words, where they come from, who plays in the band, and where else they are.
import { html, nothing } from 'lit-html';
import { language, t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { icon } from '../../parts/icon.js';

const ELSEWHERE = { website: 'Website', spotify: 'Spotify', instagram: 'Instagram', twitter: 'Twitter' };

// A country's name in the reader's language; the code itself where it has none.
export function countryName(code) {
  try { return new Intl.DisplayNames(language.value, { type: 'region' }).of(code); } catch { return code; }
}

const years = ({ joinDate, leaveDate }) => [joinDate?.slice(0, 4), leaveDate?.slice(0, 4)].filter(Boolean).length
  ? `${joinDate?.slice(0, 4) ?? ''}–${leaveDate?.slice(0, 4) ?? ''}` : '';

const member = (one) => html`<li class="member">${cover(one.image, 56, { round: true })}
  <span><strong>${one.name}</strong><span class="facts small">${[one.role, years(one)].filter(Boolean).join(' · ')}</span></span></li>`;

const link = ([kind, address]) => html`<li><a class="button" href=${address} target="_blank" rel="noreferrer noopener">${icon('link')}${kind === 'website' ? t('catalogue.website') : ELSEWHERE[kind]}</a></li>`;

export function about(artist) {
  const links = Object.entries(artist.socialLinks).filter(([, address]) => address && /^https?:/.test(address));
  if (!artist.bio && !artist.country && !artist.members.length && !links.length) return nothing;
  return html`<section class="about" aria-labelledby="about"><h2 id="about">${t('catalogue.about', { name: artist.name })}</h2>
    ${artist.bio ? html`<p class="prose">${artist.bio}</p>` : nothing}
    ${artist.country ? html`<p class="facts">${t('catalogue.from-country', { country: countryName(artist.country) })}</p>` : nothing}
    ${artist.members.length ? html`<h3>${t('catalogue.members')}</h3><ul class="members">${artist.members.map(member)}</ul>` : nothing}
    ${links.length ? html`<ul class="acts">${links.map(link)}</ul>` : nothing}</section>`;
}

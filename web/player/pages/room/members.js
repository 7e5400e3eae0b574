// Who is in a room, how far each is off, and what its host may do about them.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { icon } from '../../parts/icon.js';
import { menu } from '../../parts/menu.js';
import { act, meIn, skews } from '../../together/seated.js';

function facts(one, me) {
  const skew = skews.value[one.id]?.skewMs;
  return [one.id === me?.id ? t('together.you') : null, one.role === 'member' ? null : t(`together.role-${one.role}`), one.present ? null : t('together.away'),
    skew == null ? null : t('together.off', { ms: Math.round(Math.abs(skew) * 10) / 10 })].filter(Boolean).join(' · ');
}

const power = (one, me) => (me?.role === 'host' && one.id !== me.id ? menu({ id: `member-${one.id}`, label: t('frame.more-of', { name: one.name }), items: () => [
  one.role === 'member' ? [t('together.make-cohost'), 'people', () => act('role', { memberId: one.id, role: 'cohost' })] : null,
  one.role === 'cohost' ? [t('together.make-member'), 'person', () => act('role', { memberId: one.id, role: 'member' })] : null,
  one.role === 'guest' ? null : [t('together.make-host'), 'home', () => act('role', { memberId: one.id, role: 'host' })],
  [t('together.show-out'), 'close', () => act('kick', { memberId: one.id })],
  [t('together.ban'), 'warning', () => act('kick', { memberId: one.id, ban: true })],
] }) : nothing);

export function members(where) {
  const me = meIn(where), rows = [...where.members].sort((one, other) => Number(other.present) - Number(one.present));
  return html`<ul class="room-members">${rows.map((one) => html`<li>${icon('person')}<span class="row-words"><strong>${one.name}</strong><span>${facts(one, me)}</span></span>${power(one, me)}</li>`)}</ul>`;
}

// How music plays: what the account prefers everywhere, and what this browser does.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { check, choice } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { choose, manners, QUALITIES } from '../../playing/manners.js';
import { ask } from '../../session/api.js';

const PREFERENCES = '{ userPreferences { audioQuality autoplay explicitContent } myEntitlements { tier { quality } } }';
const UPDATE = 'mutation($audioQuality: AudioQuality, $autoplay: Boolean, $explicitContent: Boolean) { updatePreferences(audioQuality: $audioQuality, autoplay: $autoplay, explicitContent: $explicitContent) { preferences { audioQuality } } }';

export async function load({ abort }) {
  const { userPreferences, myEntitlements } = await ask(PREFERENCES, {}, { abort });
  return { preferences: signal(userPreferences), ceiling: myEntitlements.tier.quality };
}

async function keep(preferences, change) {
  try {
    await ask(UPDATE, change);
    preferences.value = { ...preferences.value, ...change };
    notice(t('frame.saved'));
    return true;
  } catch (error) { notice(error.message); return false; }
}

const quality = (name) => t(`settings.quality-${name.toLowerCase()}`);

export function view({ preferences, ceiling }) {
  const now = preferences.value;
  return html`
    ${choice({ id: 'quality', words: t('settings.quality'), hint: t('settings.quality-why', { name: quality(ceiling) }), value: now.audioQuality, options: QUALITIES.slice(1).map((one) => [one, quality(one)]), act: (audioQuality) => keep(preferences, { audioQuality }) })}
    ${check({ id: 'autoplay', words: t('settings.autoplay'), hint: t('settings.autoplay-why'), value: now.autoplay, act: (autoplay) => keep(preferences, { autoplay }) })}
    ${check({ id: 'explicit', words: t('settings.explicit'), value: now.explicitContent, act: (explicitContent) => keep(preferences, { explicitContent }) })}
    <h3>${t('settings.here')}</h3>
    ${choice({ id: 'here-quality', words: t('settings.quality-here'), value: manners.value.quality, options: QUALITIES.map((one) => [one, quality(one)]), act: (value) => choose('quality', value) })}
    ${check({ id: 'even', words: t('settings.even'), hint: t('settings.even-why'), value: manners.value.level === 'even', act: (on) => choose('level', on ? 'even' : 'off') })}
    ${check({ id: 'join', words: t('settings.join'), hint: t('settings.join-why'), value: manners.value.join, act: (on) => choose('join', on) })}
    ${check({ id: 'single-keys', words: t('settings.single-keys'), hint: t('settings.single-keys-why'), value: manners.value.keys, act: (on) => choose('keys', on) })}`;
}

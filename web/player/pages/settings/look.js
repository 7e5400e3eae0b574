// How the player looks and which language it speaks. The look stays in this browser; the language is told to the account too.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { chooseLanguage, language, LANGUAGES, t } from '../../language/language.js';
import { change, look } from '../../look/theme.js';
import { choice } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { setZone } from '../../session/zone.js';

const PARTS = { theme: ['system', 'light', 'dark'], contrast: ['system', 'more'], letters: ['plain', 'dyslexic'], motion: ['system', 'less'], targets: ['normal', 'large'] };

async function speak(chosen) {
  try {
    await chooseLanguage(chosen);
    await ask('mutation($language: String) { updatePreferences(language: $language) { preferences { language } } }', { language: chosen });
  } catch (error) { notice(error.message); }
}

async function moveTo(zone, chosen) {
  try {
    await setZone(chosen);
    zone.value = chosen;
    notice(t('frame.saved'));
    return true;
  } catch (error) { notice(error.message); return false; }
}

const zones = (kept) => ['', ...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...(kept ? [kept] : [])])].map((one) => [one, one ? one.replaceAll('_', ' ') : t('settings.zone-house')]);

export async function load({ abort }) {
  return { zone: signal((await ask('{ userPreferences { timeZone } }', {}, { abort })).userPreferences.timeZone ?? '') };
}

export const view = ({ zone }) => html`
  ${choice({ id: 'language', words: t('settings.language'), value: language.value, options: Object.entries(LANGUAGES), act: speak })}
  ${choice({ id: 'zone', words: t('settings.zone'), hint: t('settings.zone-why'), value: zone.value, options: zones(zone.peek()), act: (chosen) => moveTo(zone, chosen) })}
  ${Object.entries(PARTS).map(([part, values]) => choice({ id: `look-${part}`, words: t(`settings.look-${part}`), value: look.value[part], options: values.map((one) => [one, t(`settings.look-${part}-${one}`)]), act: (value) => change(part, value) }))}`;
